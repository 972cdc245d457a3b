{#- An identifier in double quotes, whatever characters it holds. -#}
{% macro quoted(name) %}
    {%- do return(adapter.dispatch('quoted', 'assay')(name)) -%}
{% endmacro %}


{% macro default__quoted(name) %}
    {%- do return('"' ~ (name | string).replace('"', '""') ~ '"') -%}
{% endmacro %}
