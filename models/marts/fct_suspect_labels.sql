select
    rule_name,
    feed,
    record_key,
    occurrence,
    row_number() over (
        partition by rule_name
        order by error_probability desc, record_key, occurrence, record_number
    ) as suspect_rank,
    left(labeled_text, 1000) as labeled_text,
    left(other_text, 1000) as other_text,
    left(label, 1000) as given_label,
    left(suggested_label, 1000) as suggested_label,
    error_probability,
    suggestion_probability,
    classifier_disagreement,
    neighbour_disagreement,
    same_text_disagreement,
    category_distance,
    wrong_level,
    is_audited,
    nearest_rows
from {{ ref('int_judged_rows') }}
where is_suspect
