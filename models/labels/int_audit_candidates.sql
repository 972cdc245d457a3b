{{ config(materialized='view') }}

with records as (
    select
        rule_name,
        record_key,
        any_value(model_probability order by occurrence) as error_probability
    from {{ ref('int_judged_rows') }}
    where model_probability is not null and record_key is not null
    group by rule_name, record_key
    having not bool_or(is_audited)
),

-- New verdicts begin a new round, with random numbers of its own: the model learns from
-- them, so a draw that went on with the old numbers would have wrong weights.
rounds as (
    select
        rule_name,
        count(*) as verdicts
    from {{ ref('label_audits') }}
    group by rule_name
)

select
    records.rule_name,
    records.record_key,
    records.error_probability,
    -- 52 bits of a hash, in (0, 1).
    (
        cast(
            '0x' || left(
                md5(
                    concat_ws(
                        '|',
                        records.rule_name,
                        records.record_key,
                        coalesce(rounds.verdicts, 0)
                    )
                ),
                13
            ) as bigint
        ) + 0.5
    ) / 4503599627370496 as random_number
from records
left join rounds on records.rule_name = rounds.rule_name
