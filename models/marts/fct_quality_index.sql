select
    *,
    {{ as_of() }} as as_of,
    cast('{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as timestamp) as built_at
from (
    {{ quality_index() }}
) as index_of_scope
