{#- A text literal in single quotes; none becomes a null of type varchar. -#}
{% macro literal(value) %}
    {%- if value is none -%}
        {%- do return('cast(null as varchar)') -%}
    {%- endif -%}
    {%- do return("'" ~ (value | string).replace("'", "''") ~ "'") -%}
{% endmacro %}
