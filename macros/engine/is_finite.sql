{#- Whether a number or time is neither infinite nor NaN. -#}
{% macro is_finite(value) %}
    {%- do return(adapter.dispatch('is_finite', 'assay')(value)) -%}
{% endmacro %}


{% macro default__is_finite(value) %}
    {%- do return('isfinite(' ~ value ~ ')') -%}
{% endmacro %}
