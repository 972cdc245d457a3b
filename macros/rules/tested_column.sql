{#-
The column that a test stands on, as its table spells it: dbt gives it as YAML has it, in
any letter case, in quotes where YAML says `quote: true`, or as an expression. None where
the test stands on the table.
-#}
{% macro tested_column(node, table) %}
    {%- set name = node.test_metadata.kwargs.get('column_name') -%}
    {%- if name is none -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- if name.startswith('"') and name.endswith('"') and name | length > 2
        and name[1:-1].replace('""', '').count('"') == 0 -%}
        {%- set name = name[1:-1].replace('""', '"') -%}
    {%- endif -%}
    {%- if name not in table.columns -%}
        {%- do return(table.names.get(name | lower, name)) -%}
    {%- endif -%}
    {%- do return(name) -%}
{% endmacro %}


{#-
The type of an expression over the columns of a table; none where it is none, or cannot be
evaluated for every row. What is one word is the name of a column.
-#}
{% macro type_of_expression(expression, table) %}
    {%- set value = assay.sql_of(expression) -%}
    {%- if modules.re.fullmatch('\\w+', expression)
        or load_relation(table.relation) is none or not assay.can_evaluate([value],
        table) -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- do return(run_query('describe select ' ~ value ~ ' as value from '
        ~ table.relation).rows[0][1] | lower) -%}
{% endmacro %}
