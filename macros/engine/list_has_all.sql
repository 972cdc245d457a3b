{#- Whether a list holds all values of another. -#}
{% macro list_has_all(list, values) %}
    {%- do return(adapter.dispatch('list_has_all', 'assay')(list, values)) -%}
{% endmacro %}


{% macro default__list_has_all(list, values) %}
    {%- do return('list_has_all(' ~ list ~ ', ' ~ values ~ ')') -%}
{% endmacro %}
