{#-
SQL of a column of a repaired feed, read as `other`, as a key: null where it is missing,
blank or a placeholder, and where the feed does not supply it.
-#}
{% macro repaired_key(feed, column) %}
    {%- if execute and 'nodes' not in graph -%}
        {%- do return('other.' ~ assay.quoted(column)) -%}
    {%- elif execute and assay.supplies(feed, column) -%}
        {%- set table = assay.watched_table(feed, assay.what_is_known('repaired_')) -%}
        {%- set found = assay.column_sql(column, table, 'other') -%}
        {%- do return('case when ' ~ found.is_present ~ ' then ' ~ found.as_key
            ~ ' end') -%}
    {%- endif -%}
    {%- do return('cast(null as varchar)') -%}
{% endmacro %}
