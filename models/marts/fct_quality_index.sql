select
    *,
    {{ as_of() }} as as_of
from (
    {{ quality_index(
        ref('int_dimension_scores'), ref('int_scope_rows'), ref('int_index_weights')
    ) }}
) as index_of_scope
