select
    {{ built_at() }} as built_at,
    count(*) as measures
from {{ ref('int_measures') }}
