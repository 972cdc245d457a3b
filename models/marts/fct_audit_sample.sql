{% set size = var('audit_size', 100) %}

with judged_rows as (
    select *
    from {{ ref('int_judged_rows') }}
    where model_probability is not null and record_key is not null
),

-- A row tells most where the model is least sure; the floor keeps every row in reach.
weighed as (
    select
        *,
        sqrt(model_probability * (1 - model_probability)) + 0.05 as uncertainty,
        -- Permanent random numbers: a row keeps its own from build to build, so that
        -- what was audited stays a part of the sample.
        cast(
            ('0x' || left(md5(rule_name || '|' || record_key), 13)) as ubigint
        ) / 4503599627370496.0 as random_number
    from judged_rows
),

chances as (
    select
        *,
        least(
            1, {{ size }} * uncertainty / sum(uncertainty) over (partition by rule_name)
        ) as chance
    from weighed
)

select
    rule_name,
    feed,
    record_key,
    left(text, 1000) as text,
    left(other_text, 1000) as other_text,
    left(found_label, 1000) as label,
    left(suggested_label, 1000) as suggested_label,
    error_probability,
    1 / chance as sampling_weight
from chances
where random_number < chance and not is_audited
