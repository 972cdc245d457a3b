{#-
The values of the columns of one watched table that a text of the same row names, as
`told_by` in the YAML of a column says: one row per row and column, with a null for a
value that is missing or bad; nothing for a column without a failing cell. `text_column`
is the column of the text, where it is one. To be added to no_told_values().
-#}
{% macro told_values(feed, known) %}
    {%- set table = watched_table(feed, known) -%}
    {%- set selects, columns = [], failing_columns(known) -%}
    {%- for column in (table.columns if columns is none else columns.get(feed, []))
        if own_text(column, table) != 'cast(null as varchar)' -%}
        {%- set found = column_sql(column, table) -%}
        {%- set told_by = as_list(column_meta(column, table).told_by) -%}
        {%- set select -%}
    select
        {{ literal(column) }} as column_name,
        watched."row number" as record_number,
        case
            when {{ found.is_present }} and not coalesce(cells.is_bad, false)
                then {{ found.text }}
        end as told_value,
        {{ own_text(column, table) }} as own_text,
        {{ literal(told_by[0] if told_by | length == 1 else none) }} as text_column
    from watched
    left join cells
        on watched."row number" = cells.record_number
        and cells.column_name = {{ literal(column) }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor -%}
    {%- if not selects -%}
        {%- do return('') -%}
    {%- endif %}
union all
select
    {{ literal(feed) }} as feed,
    told.*
from (
    with watched as {{ watched_rows(tested_relation(table), table) }},

    cells as (
        select * from {{ ref('int_failing_cells') }}
        where feed = {{ literal(feed) }}
    )

    {{ selects | join('\n    union all\n') }}
) as told
{% endmacro %}


{#- The columns of told_values(), without a row. -#}
{% macro no_told_values() %}
select
    cast(null as varchar) as feed,
    cast(null as varchar) as column_name,
    cast(null as bigint) as record_number,
    cast(null as varchar) as told_value,
    cast(null as varchar) as own_text,
    cast(null as varchar) as text_column
where false
{% endmacro %}
