with audit_sample as (
    select * from {{ ref('int_audit_sample') }}
),

judged_rows as (
    select *
    from {{ ref('int_judged_rows') }}
    where occurrence = 1
)

select
    audit_sample.rule_name,
    judged_rows.feed,
    audit_sample.record_key,
    audit_sample.audit_rank,
    left(judged_rows.labeled_text, 1000) as labeled_text,
    left(judged_rows.other_text, 1000) as other_text,
    judged_rows.label,
    judged_rows.suggested_label,
    judged_rows.error_probability,
    audit_sample.sampling_weight
from audit_sample
inner join judged_rows
    on
        audit_sample.rule_name = judged_rows.rule_name
        and audit_sample.record_key = judged_rows.record_key
