{{ reads_watched_tables() }}

{% set known = what_is_known() if execute %}
select
    cast(null as varchar) as feed,
    cast(null as varchar) as rule_name,
    cast(null as varchar) as slice_type,
    cast(null as varchar) as slice_value,
    cast(null as bigint) as rows_checked,
    cast(null as timestamp) as newest_at
where false
{% for table in watched_tables() if execute %}
union all
select *
from (
    {{ rows_checked(table, known) }}
)
{% endfor %}
