with cells as (
    select * from {{ ref('int_failing_cells') }}
),

evidence as (
    select
        feed,
        column_name,
        record_number,
        kind,
        candidate,
        log_odds,
        reason
    from {{ ref('int_evidence') }}
    union all
    select
        cells.feed,
        cells.column_name,
        cells.record_number,
        'form' as kind,
        canonical.canonical_value as candidate,
        {{ log_odds('canonical.confidence') }} as log_odds,
        canonical.reason
    from cells
    inner join {{ ref('int_canonical_values') }} as canonical
        on
            cells.found_value = canonical.format_value
            and {{ list_has(split_text('cells.rule_names', "', '"),
                'canonical.rule_name') }}
    union all
    select
        feed,
        column_name,
        record_number,
        'own_text' as kind,
        extracted_value as candidate,
        {{ log_odds('confidence') }} as log_odds,
        reason
    from {{ ref('int_extracted_values') }}
    union all
    select
        feed,
        column_name,
        record_number,
        'label' as kind,
        suggested_label as candidate,
        case
            when is_told then 20
            else {{ log_odds('suggestion_probability') }}
        end as log_odds,
        case
            when is_told then 'a person looked at it'
            else 'the texts of all rows say so'
        end as reason
    from {{ ref('int_judged_rows') }}
    where is_suspect and suggested_label is not null
),

-- Within a kind the strongest piece counts: pieces of a kind rest on the same rows.
-- That other rows have the same label is no evidence that a suspected one is right, as
-- labels go wrong together and the model has weighed those rows; but it is where each
-- row says on its own what should agree, as annotators do.
strongest as (
    select
        evidence.feed,
        evidence.column_name,
        evidence.record_number,
        evidence.kind,
        {{ normalized_text('evidence.candidate') }} as fact,
        max(evidence.log_odds) as log_odds,
        first(evidence.candidate order by evidence.log_odds desc, evidence.candidate)
            as candidate,
        first(evidence.reason order by evidence.log_odds desc, evidence.reason)
            as reason
    from evidence
    inner join cells
        on
            evidence.feed = cells.feed
            and evidence.column_name = cells.column_name
            and evidence.record_number = cells.record_number
    where
        evidence.candidate is not null
        and (
            evidence.kind = 'label'
            or cells.is_bad
            or cells.is_contested
            or cells.is_compared
        )
    group by
        evidence.feed,
        evidence.column_name,
        evidence.record_number,
        evidence.kind,
        fact
),

added as (
    select
        feed,
        column_name,
        record_number,
        fact,
        first(candidate order by log_odds desc, candidate) as candidate,
        sum(log_odds) as log_odds,
        string_agg(reason, '; ' order by log_odds desc, reason) as reason
    from strongest
    group by feed, column_name, record_number, fact
),

candidates as (
    select
        cells.*,
        added.candidate,
        added.reason,
        added.log_odds + coalesce(
            case
                when {{ list_has_all(words_of('cells.own_text'),
                    words_of('added.candidate')) }}
                    then told_columns.log_odds_if_named
                else told_columns.log_odds_if_not
            end,
            0
        ) as log_odds
    from added
    inner join cells
        on
            added.feed = cells.feed
            and added.column_name = cells.column_name
            and added.record_number = cells.record_number
    left join {{ ref('int_told_columns') }} as told_columns
        on
            added.feed = told_columns.feed
            and added.column_name = told_columns.column_name
),

-- The one in the sum stands for a value that nobody has named.
weighed as (
    select
        *,
        exp(log_odds) / (
            1 + sum(exp(log_odds)) over (partition by feed, column_name, record_number)
        ) as confidence,
        row_number() over (
            partition by feed, column_name, record_number
            order by log_odds desc, candidate
        ) as candidate_rank
    from candidates
)

select
    feed,
    column_name,
    record_number,
    record_key,
    occurrence,
    rule_name,
    rule_names,
    flaw as method,
    found_value,
    candidate as proposed_value,
    reason,
    confidence,
    is_bad
from weighed
where
    candidate_rank = 1
    and candidate is distinct from found_value
    -- What is this improbable is worth nobody's time.
    and confidence >= 0.1
