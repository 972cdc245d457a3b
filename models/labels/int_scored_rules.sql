{{ config(materialized='view') }}

select
    encoders.rule_name,
    encoders.encoder,
    encoders.loader,
    encoders.device,
    encoders.fallback,
    encoders.reason,
    cast(
        sum({{ row_hash([
            'labeled_rows.record_key', 'labeled_rows.content_hash',
            'labeled_rows.is_wrong', 'labeled_rows.sampling_weight'
        ]) }}) as varchar
    ) as row_state
from {{ ref('int_labeled_rows') }} as labeled_rows
inner join {{ ref('int_label_encoders') }} as encoders
    on labeled_rows.rule_name = encoders.rule_name
group by all
