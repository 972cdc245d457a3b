{#-
The values in full of the cells named by `flaws`, and the text of the same row that the
column's `extract_from` names: one row per row and column of each watched table.
-#}
{% macro cell_values() %}
    {{- assay.of_watched_tables(assay._cell_values, {
        'feed': 'varchar', 'column_name': 'varchar', 'record_number': 'bigint',
        'is_compared': 'boolean', 'found_value': 'varchar', 'own_text': 'varchar'}) }}
{% endmacro %}


{% macro _cell_values(table) %}
    {%- set selects = [] -%}
    {%- for column in assay.columns_of_cells(table) -%}
        {%- set select -%}
    select
        {{ assay.literal(column) }} as column_name,
        watched."row number" as record_number,
        {{ assay.agreements(column,
            table) | rejectattr('to') | list != [] }} as is_compared,
        {{ assay.column_text(column, table).text }} as found_value,
        {{ assay.own_text(column, table) }} as own_text
    from watched
    inner join flaws on watched."row number" = flaws.record_number
    where flaws.feed = {{ assay.literal(table.feed) }}
        and flaws.column_name = {{ assay.literal(column) }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#- The columns of a table with a rule about the values of their cells. -#}
{% macro columns_of_cells(table) %}
    {%- set columns = [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' and rule.flaw in assay.flaws_of_cells()
        and rule.column and rule.column not in columns -%}
        {%- do columns.append(rule.column) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}


{#-
The arguments of each `agrees_with` of a column. Where there is one by a key of the table
itself, without `to`, each row says on its own what is the case.
-#}
{% macro agreements(column, table) %}
    {%- set found = [] -%}
    {%- for node in assay.rule_nodes(table.feed)
        if node.test_metadata.name == 'agrees_with'
        and assay.tested_column(node, table) == column
        and assay.is_agreement(node.test_metadata.kwargs) -%}
        {%- do found.append(node.test_metadata.kwargs) -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}


{#- Whether the arguments of an `agrees_with` are of the kinds that they must be. -#}
{% macro is_agreement(given) %}
    {%- do return(assay.is_texts(given.key) and ('to' not in given
        or assay.is_text(given.to))
        and ('field' not in given or assay.is_text(given.field))) -%}
{% endmacro %}


{#- SQL of the texts of a row that name the value of a column, as its YAML says. -#}
{% macro own_text(column, table) %}
    {%- set texts = [] -%}
    {%- for name in assay.as_list(assay.column_meta(column, table).get('extract_from'))
        if name in table.columns and name not in table.not_supplied -%}
        {%- do texts.append(assay.column_text(name, table).text) -%}
    {%- endfor -%}
    {%- do return("concat_ws(' ', " ~ texts | join(', ') ~ ')' if texts
        else 'cast(null as varchar)') -%}
{% endmacro %}


{#- What the YAML of a table says under `config.meta` of a column. -#}
{% macro column_meta(column, table) %}
    {%- for node_column in table.node.columns.values() if node_column.name == column -%}
        {%- do return((node_column.config.meta if node_column.config else none)
            or node_column.meta or {}) -%}
    {%- endfor -%}
    {%- do return({}) -%}
{% endmacro %}
