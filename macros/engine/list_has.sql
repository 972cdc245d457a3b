{#- Whether a list holds a value. -#}
{% macro list_has(list, value) %}
    {%- do return(adapter.dispatch('list_has', 'assay')(list, value)) -%}
{% endmacro %}


{% macro default__list_has(list, value) %}
    {%- do return('list_contains(' ~ list ~ ', ' ~ value ~ ')') -%}
{% endmacro %}
