{#- Whether a type holds values within a value, as a struct or a list does. -#}
{% macro is_nested(type) %}
    {%- do return(type.endswith(']') or type.split('(')[0] in ['struct', 'map',
        'union']) -%}
{% endmacro %}
