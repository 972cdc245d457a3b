select
    rule_name,
    feed,
    record_key,
    occurrence,
    cast(row_number() over (
        partition by rule_name
        order by error_probability desc, record_key asc, occurrence asc, record_number asc
    ) as bigint) as suspect_rank,
    left(text, 1000) as text,
    left(other_text, 1000) as other_text,
    left(found_label, 1000) as given_label,
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
