{% for state, version in {'before': '', 'after': 'repaired_'}.items() %}
{%- set scores = '(select * from ' ~ ref('int_compared_dimension_scores')
    ~ " where state = '" ~ state ~ "')" %}
select
    '{{ state }}' as state,
    index_of_scope.*
from (
    {{ quality_index(version, scores=scores) }}
) as index_of_scope
{% if not loop.last %}union all{% endif %}
{% endfor %}
