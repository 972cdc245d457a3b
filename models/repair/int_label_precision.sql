with labeled_rows as (
    select * from {{ ref('int_labeled_rows') }}
),

scores as (
    select *
    from {{ ref('int_label_scores') }}
    where content_hash is not null
),

thresholds (method, threshold) as (
    values {{ repair_thresholds() }}
),

classes as (
    select
        rule_name,
        count(distinct usual_label) as labels
    from labeled_rows
    group by rule_name
),

-- Of the suggestions that the model is sure enough of, those that a person has seen. Of
-- two labels, whoever finds one wrong has said which is right.
verdicts as (
    select
        labeled_rows.rule_name,
        case
            when not labeled_rows.is_wrong then 0
            when
                {{ normalized_text('labeled_rows.right_label') }}
                = {{ normalized_text('scores.suggested_label') }}
                then 1
            when labeled_rows.right_label is not null then 0
            when classes.labels = 2 then 1
        end as is_right
    from labeled_rows
    inner join scores
        on
            labeled_rows.rule_name = scores.rule_name
            and labeled_rows.content_hash = scores.content_hash
    inner join classes on labeled_rows.rule_name = classes.rule_name
    inner join thresholds on thresholds.method = 'label'
    where
        labeled_rows.is_wrong is not null
        and scores.is_suspect
        and scores.suggestion_probability >= thresholds.threshold
),

counted as (
    select
        rule_name,
        count(is_right) as suggestions_audited,
        coalesce(sum(is_right), 0) as suggestions_right
    from verdicts
    group by rule_name
)

-- The mean of what Jeffreys' prior and the verdicts leave possible: all of a few is not
-- yet all.
select
    classes.rule_name,
    coalesce(counted.suggestions_audited, 0) as suggestions_audited,
    coalesce(counted.suggestions_right, 0) as suggestions_right,
    (counted.suggestions_right + 0.5) / (counted.suggestions_audited + 1)
        as suggestion_precision,
    coalesce(
        counted.suggestions_audited >= 20
        and (counted.suggestions_right + 0.5) / (counted.suggestions_audited + 1)
        >= greatest(thresholds.threshold, 0.95),
        false
    ) as is_confirmed
from classes
inner join thresholds on thresholds.method = 'label'
left join counted on classes.rule_name = counted.rule_name
