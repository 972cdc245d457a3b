{#-
The values of the columns of each watched table that a text of the same row names, as
`extract_from` in the YAML of a column says: one row per row and column, with a null for a
value that is missing or bad; nothing for a column without a failing cell or label.
`text_column` is the column of the text, where it is one. `bad_cells` are the cells whose
value is wrong.
-#}
{% macro told_values() %}
    {{- assay.of_watched_tables(assay._told_values, {
        'feed': 'varchar', 'column_name': 'varchar', 'record_number': 'bigint',
        'told_value': 'varchar', 'own_text': 'varchar', 'text_column': 'varchar'}) }}
{% endmacro %}


{% macro _told_values(table) %}
    {%- set selects = [] -%}
    {%- for column in assay._columns_to_repair(table)
        if assay.own_text(column, table) != 'cast(null as varchar)' -%}
        {%- set found = assay.column_sql(column, table) -%}
        {%- set extract_from = assay.as_list(assay.column_meta(column, table).extract_from) -%}
        {%- set select -%}
    select
        {{ assay.literal(column) }} as column_name,
        watched."row number" as record_number,
        case
            when {{ found.is_present }} and bad_cells.record_number is null
                then {{ found.text }}
        end as told_value,
        {{ assay.own_text(column, table) }} as own_text,
        {{ assay.literal(extract_from[0] if extract_from | length == 1
            else none) }} as text_column
    from watched
    left join bad_cells
        on watched."row number" = bad_cells.record_number
        and bad_cells.feed = {{ assay.literal(table.feed) }}
        and bad_cells.column_name = {{ assay.literal(column) }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#- The columns that may need a value: those with failing cells, and those of labels. -#}
{% macro _columns_to_repair(table) %}
    {%- set failing = assay.failing_columns(table.known) -%}
    {%- set columns = [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' and rule.flaw in assay.flaws_of_cells()
        and rule.column and rule.column not in columns and (failing is none
        or rule.flaw == 'label' or rule.column in failing.get(table.feed, [])) -%}
        {%- do columns.append(rule.column) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}
