{#- Whether a text can be read as JSON, as the engine reads it. -#}
{% macro is_json(text) %}
    {%- do return(adapter.dispatch('is_json', 'assay')(text)) -%}
{% endmacro %}


{% macro default__is_json(text) %}
    {%- do return('json_valid(' ~ text ~ ')') -%}
{% endmacro %}
