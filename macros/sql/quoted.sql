{#- An identifier in double quotes, whatever characters it holds. -#}
{% macro quoted(name) %}
    {%- do return('"' ~ (name | string).replace('"', '""') ~ '"') -%}
{% endmacro %}
