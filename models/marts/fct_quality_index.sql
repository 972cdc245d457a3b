select
    *,
    {{ as_of() }} as as_of,
    {{ built_at() }} as built_at
from (
    {{ quality_index() }}
) as index_of_scope
