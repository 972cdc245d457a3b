{#-
The last day of each watched table that is over, as a relation: feed, last_day. A day is
over once `closed_after` has passed since its end: rows that come late are still to come.
-#}
{% macro closed_days() %}
    {%- set waits, rows = assay.setting('closed_after'), [] -%}
    {#- What is wrong with it is said by stg_feeds. -#}
    {%- set waits = waits if waits is mapping else {} -%}
    {%- for feed in assay.watched_tables() -%}
        {%- set seconds = assay.seconds(waits.get(feed, waits.get('default'))) or 0 -%}
        {%- do rows.append('select ' ~ assay.literal(feed) ~ ' as feed, cast('
            ~ assay.as_of() ~ " - interval '" ~ seconds ~ " seconds' as date) - 1"
            ~ ' as last_day') -%}
    {%- endfor -%}
    {%- do return(rows | join('\n    union all\n    ')
        or 'select cast(null as varchar) as feed, cast(null as date) as last_day'
        ~ ' where false') -%}
{% endmacro %}
