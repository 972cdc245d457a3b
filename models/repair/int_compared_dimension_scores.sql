{% for state, version in {'before': '', 'after': 'repaired_'}.items() %}
{%- set rates = '(select * from ' ~ ref('int_compared_component_rates')
    ~ " where state = '" ~ state ~ "')" %}
select
    '{{ state }}' as state,
    scores.*
from (
    {{ dimension_scores(version, rates=rates) }}
) as scores
{% if not loop.last %}union all{% endif %}
{% endfor %}
