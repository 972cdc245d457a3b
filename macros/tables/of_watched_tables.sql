{#-
What a macro says of the rows of each watched table, as one relation; without a row
where there is nothing to say: of such a feed no row is read, so that what the SQL names
is what lineage shows, whatever the data are. `columns` are those of the relation, name ->
type, with the name of the table as `feed` if they have it; `and_issues` where the macro
reads the model of the table's issues, too. The macro takes a table, as
watched_table() describes it, and writes nothing, or a select from `watched`, the rows of
the table, with further CTEs before it.
-#}
{% macro of_watched_tables(macro, columns, and_issues=false) %}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set known, said, silent = assay.what_is_known(), [], [] -%}
    {%- for feed in assay.watched_tables() -%}
        {%- set table = assay.watched_table(feed, known) -%}
        {%- set sql = macro(table) | trim -%}
        {%- if 'watched' not in sql and feed in assay.feed_names() -%}
            {%- do silent.append(assay.tested_relation(table)) -%}
            {%- if and_issues and not sql -%}
                {%- do silent.append(assay.issue_model(feed)) -%}
            {%- endif -%}
        {%- endif -%}
        {%- if sql -%}
            {%- set select %}
union all
select
    {%- if 'feed' in columns %}
    {{ assay.literal(feed) }} as feed,
    {%- endif %}
    said.*
from (
    {%- if 'watched' in sql %}
    with watched as {{ assay.rows_for(sql, assay.tested_relation(table), table) }}
    {{- ',' if not sql.startswith('select') }}
    {%- elif not sql.startswith('select') %}
    with
    {%- endif %}

    {{ sql }}
) as said
            {%- endset -%}
            {%- do said.append(select) -%}
        {%- endif -%}
    {%- endfor -%}
select
    {%- for name, type in columns.items() %}
    cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- for relation in silent %}
{{ 'from' if loop.first else 'cross join' }} (select 1 from {{ relation }})
{%- endfor %}
where false
    {%- for select in said -%}
        {{ select }}
    {%- endfor %}
{% endmacro %}
