{#-
The repaired rows of a watched table, in one line: repaired(ref('stg_products')). Same
columns; the values that fct_repairs says are changed, without the rows that it removes,
and with `record_number`, by which each row is traced back.
-#}
{% macro repaired(relation) %}
    {{- needs_all_feeds() }}
-- depends_on: {{ ref('int_repairs') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set feed = model.name.removeprefix('repaired_') -%}
    {%- if model.name == feed or feed not in repaired_tables()
        or feed not in watched_tables() -%}
        {%- do exceptions.raise_compiler_error('The model ' ~ model.name ~ ' must be named'
            ~ ' repaired_<table>, with <table> listed in the vars `watched` and `repaired`;'
            ~ ' listed in both are ' ~ watched_tables() | select('in', repaired_tables())
            | join(', ') ~ '.') -%}
    {%- endif -%}
    {%- set table = watched_table(feed, what_is_known()) -%}
    {%- set changed, selected = [], [] -%}
    {%- for node in rule_nodes(feed) -%}
        {%- set column = tested_column(node, table) -%}
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
            {%- do selected.append('case\n        when changes.' ~ quoted(column ~ ' changes')
                ~ ' then ' ~ cast_or_null('changes.' ~ quoted(column), 'varchar', type)
                ~ '\n        else watched.' ~ quoted(column) ~ '\n    end as '
                ~ quoted(column)) -%}
        {%- elif base != column and base in changed and has_as_found(base, table) -%}
            {%- do selected.append('case\n        when changes.' ~ quoted(base ~ ' changes')
                ~ ' then case when ' ~ cast_or_null('changes.' ~ quoted(base), 'varchar',
                table.columns[base]) ~ ' is null then changes.' ~ quoted(base)
                ~ ' end\n        else watched.' ~ quoted(column) ~ '\n    end as '
                ~ quoted(column)) -%}
        {%- else -%}
            {%- do selected.append('watched.' ~ quoted(column)) -%}
        {%- endif -%}
    {%- endfor %}

with watched as {{ watched_rows(relation, table) }},

repairs as (
    select *
    from {{ ref('int_repairs') }}
    where feed = {{ literal(feed) }} and status = 'applied'
),

changes as (
    select
        {%- for column in changed %}
        max(proposed_value) filter (where column_name = {{ literal(column) }})
            as {{ quoted(column) }},
        bool_or(column_name = {{ literal(column) }}) as {{ quoted(column ~ ' changes') }},
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
