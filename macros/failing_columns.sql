{#-
The columns with failing cells, feed -> list of columns: the others need no evidence. When
nothing was built yet, as on `dbt compile`, none, which stands for all.
-#}
{% macro failing_columns() %}
    {%- set found = load_relation(ref('int_failing_cells')) -%}
    {%- if found is none -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for row in run_query(
        'select distinct feed, column_name from ' ~ found ~ ' order by all').rows -%}
        {%- do columns.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}


{#- The rules of a table about columns with failing cells. -#}
{% macro rules_of_failing_columns(table) %}
    {%- set columns = failing_columns() -%}
    {%- set chosen = [] -%}
    {%- if table.is_supplied and (columns is none or table.feed in columns) -%}
        {%- for rule in rules(table, only_columns=none if columns is none
            else columns[table.feed]) if rule.state == 'ready' and rule.column -%}
            {%- do chosen.append(rule) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(chosen) -%}
{% endmacro %}
