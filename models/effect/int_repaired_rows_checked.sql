{{ reads_repaired_tables() }}

{% set known = what_is_known('repaired_') if execute %}
-- A table that is not repaired stays as it was found.
select * from {{ ref('int_rows_checked') }}
where feed not in ('{{ repaired_tables() | join("', '") }}')
{% for table in repaired_tables() if execute %}
union all
select *
from (
    {{ rows_checked(table, known) }}
)
{% endfor %}
