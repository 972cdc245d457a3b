{#-
Whether a test is a rule: its kind is one. A kind that belongs to a package names it under
`packages`, and is known by the package's name before it, or without one, as a copy in the
project is, by its arguments.
-#}
{% macro is_rule(test) %}
    {%- set takes = assay.takes_of_kind(test.test_metadata.name) -%}
    {%- set package = test.test_metadata.namespace -%}
    {%- if takes is none -%}
        {%- do return(false) -%}
    {%- elif not takes.packages -%}
        {%- do return(package in [none, 'dbt', 'assay']) -%}
    {%- elif package -%}
        {%- do return(package in takes.packages) -%}
    {%- endif -%}
    {%- do return(test.test_metadata.kwargs.keys()
        | reject('in', ['model', 'column_name'] + takes.arguments.keys() | list)
        | list == []) -%}
{% endmacro %}
