{#-
What a macro says of the rows of each watched table, as one relation; without a row
where there is nothing to say. `columns` are those of the relation, name -> type, with
the name of the table as `feed` if they have it. The macro takes a table, as
watched_table() describes it, and writes nothing, or further CTEs after `watched`, the
rows of the table, and a select.
-#}
{% macro of_watched_tables(macro, columns) %}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif %}
select
    {%- for name, type in columns.items() %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
where false
    {%- set known = assay.what_is_known() -%}
    {%- for feed in assay.watched_tables() -%}
        {%- set table = assay.watched_table(feed, known) -%}
        {%- set sql = macro(table) | trim -%}
        {%- if sql %}
union all
select
    {%- if 'feed' in columns %}
    {{ assay.literal(feed) }} as feed,
    {%- endif %}
    said.*
from (
    with watched as {{ assay.watched_rows(assay.tested_relation(table), table) }},

    {{ sql }}
) as said
        {%- endif -%}
    {%- endfor %}
{% endmacro %}
