{#- The relation of this model as the last build left it; none before the first. -#}
{% macro built_before() %}
    {%- do return(load_relation(this) if execute) -%}
{% endmacro %}
