{#-
Whether a test is a rule: there is a macro for its kind. A kind that belongs to a package
names it under `packages`, and is known by the package's name before it, or without one,
as a copy in the project is, by its arguments.
-#}
{% macro is_rule(test) %}
    {%- set kind = test.test_metadata.name -%}
    {%- set package = test.test_metadata.namespace -%}
    {%- set takes = context.get(kind ~ '_takes') -%}
    {%- set of_package = takes().get('packages') if takes else none -%}
    {%- if not context.get(kind ~ '_rule') and not context.get(kind ~ '_learns') -%}
        {%- do return(false) -%}
    {%- elif not of_package -%}
        {%- do return(package in [none, 'dbt', 'assay']) -%}
    {%- elif package -%}
        {%- do return(package in of_package) -%}
    {%- endif -%}
    {%- do return(test.test_metadata.kwargs.keys()
        | reject('in', ['model', 'column_name'] + takes().arguments.keys() | list)
        | list == []) -%}
{% endmacro %}
