{% for state, version in {'before': '', 'after': 'repaired_'}.items() %}
select
    '{{ state }}' as state,
    rates.*
from (
    {{ component_rates(version, only_compared=true) }}
) as rates
{% if not loop.last %}union all{% endif %}
{% endfor %}
