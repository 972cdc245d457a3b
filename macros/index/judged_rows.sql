{#- The rows that learned rules check, as they were found, with the scores of their labels. -#}
{% macro judged_rows(labeled_rows, label_scores) %}
with labeled_rows as (
    select * from {{ labeled_rows }}
),

scores as (
    select *
    from {{ label_scores }}
    where content_hash is not null
)

select
    labeled_rows.rule_name,
    labeled_rows.feed,
    labeled_rows.record_number,
    labeled_rows.record_key,
    labeled_rows.occurrence,
    labeled_rows.column_name,
    labeled_rows.labeled_text,
    labeled_rows.other_text,
    labeled_rows.label,
    -- What a person said goes before what the model says.
    case
        when not labeled_rows.is_wrong then null
        when labeled_rows.right_label is not null then labeled_rows.right_label
        when scores.suggested_label <> labeled_rows.usual_label
            then scores.suggested_label
    end as suggested_label,
    labeled_rows.source_system,
    labeled_rows.category,
    labeled_rows.issue_day,
    scores.nearest_rows,
    scores.error_probability as model_probability,
    case
        when scores.error_probability is null then null
        when labeled_rows.is_wrong is null then scores.error_probability
        else cast(labeled_rows.is_wrong as double)
    end as error_probability,
    scores.suggestion_probability,
    scores.classifier_disagreement,
    scores.neighbour_disagreement,
    scores.same_text_disagreement,
    scores.category_distance,
    scores.wrong_level,
    labeled_rows.is_wrong is not null as is_audited,
    coalesce(labeled_rows.is_wrong and labeled_rows.right_label is not null, false)
        as is_told,
    coalesce(
        scores.error_probability is not null
        and coalesce(labeled_rows.is_wrong, scores.is_suspect),
        false
    ) as is_suspect
from labeled_rows
left join scores
    on
        labeled_rows.rule_name = scores.rule_name
        and labeled_rows.content_hash = scores.content_hash
{% endmacro %}
