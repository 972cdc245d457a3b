{{ reads_watched_tables() }}

with labeled as (
    {{ labeled_rows() }}
),

spellings as (
    select
        rule_name,
        label,
        first_value(label) over (
            partition by rule_name, {{ normalized_text('label') }}
            order by count(*) desc, label
        ) as usual_label
    from labeled
    group by rule_name, label
),

audits as (
    select
        rule_name,
        record_key,
        label,
        cast(is_wrong as boolean) as is_wrong,
        right_label,
        cast(sampling_weight as double) as sampling_weight
    from {{ ref('label_audits') }}
),

spelled as (
    select
        labeled.*,
        spellings.usual_label,
        audits.is_wrong,
        audits.right_label,
        audits.sampling_weight
    from labeled
    inner join spellings
        on
            labeled.rule_name = spellings.rule_name
            and labeled.label = spellings.label
    left join audits
        on
            labeled.rule_name = audits.rule_name
            and labeled.record_key = audits.record_key
            -- A verdict is about the label that was there then.
            and labeled.label = coalesce(audits.label, labeled.label)
)

select
    rule_name,
    feed,
    record_number,
    record_key,
    occurrence,
    column_name,
    label,
    usual_label,
    labeled_text,
    other_text,
    md5(labeled_text) as text_hash,
    md5(other_text) as other_text_hash,
    md5(
        concat_ws('|', md5(labeled_text), md5(other_text), usual_label)
    ) as content_hash,
    right_label,
    source_system,
    category,
    issue_day,
    is_wrong,
    sampling_weight
from spelled
