{#-
The columns with failing cells, feed -> list of columns: the others need no evidence. Where
a model comes before int_failing_cells, those with issues. When nothing was built yet, as on
`dbt compile`, none, which stands for all. Asked once per model, and kept in
what_is_known().
-#}
{% macro failing_columns(known) %}
    {%- if 'failing_columns' not in known -%}
        {%- do known.update({'failing_columns': assay._failing_columns()}) -%}
    {%- endif -%}
    {%- do return(known.failing_columns) -%}
{% endmacro %}


{% macro _failing_columns() %}
    {%- set relation = ref('assay', 'int_failing_cells')
        if 'model.assay.int_failing_cells' in model.depends_on.nodes
        else ref('assay', 'int_cell_issues') -%}
    {%- if load_relation(relation) is none -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for row in run_query('select distinct feed, column_name from ' ~ relation
        ~ ' order by all').rows -%}
        {%- do columns.setdefault(row[0], []).append(row[1]) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}


{#- The rules of a table about columns with failing cells. -#}
{% macro rules_of_failing_columns(table) %}
    {%- set columns = assay.failing_columns(table.known) -%}
    {%- set chosen = [] -%}
    {%- if table.is_supplied and (columns is none or table.feed in columns) -%}
        {%- for rule in assay.rules(table, only_columns=none if columns is none
            else columns.get(table.feed, [])) if rule.state == 'ready' and rule.column -%}
            {%- do chosen.append(rule) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(chosen) -%}
{% endmacro %}
