{#-
The records of one watched table that somebody has decided about: their keys, and the key
without the source system, by which products are merged. To be joined with `union all`.
-#}
{% macro decided_records(feed, known) %}
    {%- set table = assay.watched_table(feed, known) -%}
    {%- if not table.is_supplied -%}
        {%- do return('union all select null, null, null from '
            ~ assay.tested_relation(table) ~ ' where false') -%}
    {%- endif -%}
    {%- set thing = [] -%}
    {%- for column in table.key if column != table.source_system_column -%}
        {%- do thing.append(assay.column_text(column, table).text) -%}
    {%- endfor %}
union all
select
    {{ assay.literal(feed) }} as feed,
    {{ assay.record_key(table) }} as record_key,
    min(concat_ws('|', {{ thing | join(', ') or "''" }})) as thing
from {% if table.key %}{{ assay.tested_relation(table) }}{% else %}(
    select *, {{ assay.content_key(table) }} as "record key"
    from {{ assay.tested_relation(table) }}
){% endif %} as watched
where {{ assay.record_key(table) }} in (
    select decisions.record_key
    from {{ ref('repair_decisions') }} as decisions
    where decisions.feed = {{ assay.literal(feed) }}
)
group by all
{% endmacro %}
