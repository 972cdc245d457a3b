select
    *,
    {{ as_of() }} as as_of
from (
    {{ quality_index() }}
) as index_of_scope
