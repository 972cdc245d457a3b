{{ reads_repaired_tables() }}

{% set known = what_is_known('repaired_') if execute %}
{{ label_issues(ref('int_repaired_judged_rows')) }}
-- A table that is not repaired stays as it was found.
{% for table in as_list(setting('watched')) if table not in repaired_tables() %}
union all
select * from {{ ref(project_name, 'int_' ~ table ~ '_issues') }}
{% endfor %}
{% for table, relation in repaired_models().items() if execute %}
union all
select *
from (
    {{ issues_of(table, relation, known) }}
)
{% endfor %}
