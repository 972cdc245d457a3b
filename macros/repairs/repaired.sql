{#-
The repaired rows of a watched table, in one line: repaired(ref('stg_products')). Same
columns; the values that fct_repairs says are changed, without the rows that it removes,
and with `record_number`, by which each row is traced back.
-#}
{% macro repaired(relation) %}
    {%- do assay.only_with_feeds(model.name.removeprefix('repaired_')) -%}
    {%- do assay.contract_of_repaired() -%}
-- depends_on: {{ ref('assay', 'int_repairs') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set feed = model.name.removeprefix('repaired_') -%}
    {%- if model.name == feed or feed not in assay.repaired_tables()
        or feed not in assay.watched_tables() -%}
        {%- do exceptions.raise_compiler_error('The model ' ~ model.name
            ~ ' must be named'
            ~ ' repaired_<table>, with <table> listed in the vars `watched` and `repaired`;'
            ~ ' listed in both are ' ~ assay.watched_tables() | select('in',
            assay.repaired_tables())
            | join(', ') ~ '.') -%}
    {%- endif -%}
    {%- set table = assay.watched_table(feed, assay.what_is_known()) -%}
    {%- set changed, selected = [], [] -%}
    {%- for node in assay.rule_nodes(feed) -%}
        {%- set column = assay.tested_column(node, table) -%}
        {%- if column and column in table.columns and column not in changed -%}
            {%- do changed.append(column) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'record_number' not in table.columns -%}
        {%- do selected.append('watched."row number" as record_number') -%}
    {%- endif -%}
    {%- for column, type in table.columns.items() -%}
        {%- set base = column.removesuffix('_as_found') -%}
        {%- if column in changed -%}
            {%- do selected.append('case\n        when changes.'
                ~ assay.quoted(column ~ ' changes')
                ~ ' then ' ~ assay.cast_or_null('changes.' ~ assay.quoted(column),
                'varchar', type)
                ~ '\n        else watched.' ~ assay.quoted(column) ~ '\n    end as '
                ~ assay.quoted(column)) -%}
        {%- elif base != column and base in changed
            and assay.has_as_found(base, table) -%}
            {%- do selected.append('case\n        when changes.'
                ~ assay.quoted(base ~ ' changes')
                ~ ' then case when ' ~ assay.cast_or_null('changes.'
                ~ assay.quoted(base), 'varchar',
                table.columns[base]) ~ ' is null then changes.' ~ assay.quoted(base)
                ~ ' end\n        else watched.' ~ assay.quoted(column) ~ '\n    end as '
                ~ assay.quoted(column)) -%}
        {%- else -%}
            {%- do selected.append('watched.' ~ assay.quoted(column)) -%}
        {%- endif -%}
    {%- endfor %}

with watched as {{ assay.watched_rows(relation, table) }},

repairs as (
    select *
    from {{ ref('assay', 'int_repairs') }}
    where feed = {{ assay.literal(feed) }} and status = 'applied'
),

changes as (
    select
        {%- for column in changed %}
        max(proposed_value) filter (where column_name = {{ assay.literal(column) }})
            as {{ assay.quoted(column) }},
        bool_or(column_name = {{ assay.literal(column) }}) as {{ assay.quoted(column
            ~ ' changes') }},
        {%- endfor %}
        record_number
    from repairs
    where action in ('change', 'empty')
    group by record_number
)

select
    {{ selected | join(',\n    ') }}
from watched
left join changes on watched."row number" = changes.record_number
anti join (
    select record_number from repairs where action in ('drop', 'quarantine')
) as removed on watched."row number" = removed.record_number
{% endmacro %}
