with claims as (
    select * from {{ ref('int_claims') }}
),

votes as (
    select * from {{ ref('int_votes') }}
),

-- The failing cells, and what their rows speak of and claim.
asked as (
    select
        claims.*,
        cells.found_value,
        cells.is_bad,
        cells.is_contested,
        cells.flaw
    from claims
    inner join {{ ref('int_failing_cells') }} as cells
        on
            claims.feed = cells.feed
            and claims.column_name = cells.column_name
            and claims.record_number = cells.record_number
    where claims.is_asked
),

answered as (
    select
        asked.feed,
        asked.column_name,
        asked.record_number,
        asked.key_name,
        asked.is_one_of_many,
        asked.is_alike,
        asked.is_bad,
        votes.candidate,
        votes.rows_saying,
        votes.rows_asked,
        votes.log_odds,
        votes.row_log_odds,
        votes.all_odds,
        votes.value_share,
        -- What a bad value's own form says, and a label to the model that doubts it, is
        -- evidence of another kind.
        asked.is_bad or asked.flaw = 'label' as is_heard_elsewhere,
        asked.is_sound and asked.value_key = votes.value_key as is_own
    from asked
    inner join votes
        on
            asked.feed = votes.feed
            and asked.column_name = votes.column_name
            and asked.question = votes.question
            and asked.subject = votes.subject
    where asked.other_table is null
),

heard as (
    select
        *,
        exp(log_odds - case when is_own then row_log_odds else 0 end) / all_odds
            as share_of_others,
        rows_saying || ' of ' || rows_asked
        || case when is_alike then ' records' else ' rows' end
        || ' with the same ' || key_name || ' say so' as reason
    from answered
    where not (is_heard_elsewhere and is_own and rows_saying = 1)
),

-- With one key, the key is taken for right: the votes without that of the row itself,
-- where it is heard elsewhere.
by_the_key as (
    select
        feed,
        column_name,
        record_number,
        'same_subject' as kind,
        candidate,
        log_odds
        - case when is_heard_elsewhere and is_own then row_log_odds else 0 end
            as log_odds,
        reason
    from heard
    where not is_one_of_many
),

-- Of several keys, one may be wrong itself, so each is a kind of its own and says no
-- more than its rows are right in general: the share of the votes, as probabilities, of
-- those who are not this row. What is wrong is another value by chance: the rarer a
-- value, the more it means that two say it. Few rows are likely to be the same ones by
-- another key, and count once.
by_one_of_many_keys as (
    select
        feed,
        column_name,
        record_number,
        case
            when rows_saying - cast(is_own as integer) < 3 then 'same_subject'
            else 'same_subject ' || key_name
        end as kind,
        candidate,
        ln(1 + exp(row_log_odds) * share_of_others / value_share) as log_odds,
        reason
    from heard
    where is_one_of_many and share_of_others > 1e-4
),

-- The value that is there is heard beside them: it is right as often as any row is.
found_values as (
    select
        feed,
        column_name,
        record_number,
        'found' as kind,
        candidate,
        row_log_odds - ln(value_share) as log_odds,
        'it is there' as reason
    from heard
    where is_one_of_many and not is_bad and is_own
),

-- How often a value occurs at all.
usual_values as (
    select
        feed,
        column_name,
        record_number,
        'usual' as kind,
        candidate,
        ln(value_share) as log_odds,
        null as reason
    from heard
    where is_one_of_many
),

-- Of rows that disagree, the one whose source system the var `source_priority` names
-- first: such a declaration goes before all counting.
preferred as (
    select
        feed,
        column_name,
        question,
        subject,
        'priority' as kind,
        12 as log_odds,
        'of their source systems the one that goes first says so' as reason,
        first(preferred_spelling order by source_rank desc, preferred_spelling)
            as candidate
    from votes
    where source_rank is not null
    group by feed, column_name, question, subject
    having count(*) > 1
    union all
    -- What the newest row says weighs little: it breaks ties.
    select
        feed,
        column_name,
        question,
        subject,
        'newest' as kind,
        0.4 as log_odds,
        'the newest row says so' as reason,
        first(newest_spelling order by said_at desc, newest_spelling) as candidate
    from votes
    where said_at is not null
    group by feed, column_name, question, subject
    having count(*) > 1
),

by_preference as (
    select
        asked.feed,
        asked.column_name,
        asked.record_number,
        preferred.kind,
        preferred.candidate,
        preferred.log_odds,
        preferred.reason
    from asked
    inner join preferred
        on
            asked.feed = preferred.feed
            and asked.column_name = preferred.column_name
            and asked.question = preferred.question
            and asked.subject = preferred.subject
    where asked.is_contested and asked.other_table is null
),

-- What most rows of another table say; of equals none.
said_elsewhere as (
    select
        feed,
        column_name,
        question,
        subject,
        value_key,
        min(value) as candidate,
        sum(rows_saying) as rows_saying
    from claims
    where is_others
    group by feed, column_name, question, subject, value_key
),

told_elsewhere as (
    select
        feed,
        column_name,
        question,
        subject,
        first(value_key order by rows_saying desc) as value_key,
        first(candidate order by rows_saying desc) as candidate,
        max(rows_saying) as most,
        sum(rows_saying) as rows_asked
    from (
        select
            *,
            max(rows_saying) over (
                partition by feed, column_name, question, subject
            ) as most
        from said_elsewhere
    ) as said
    group by feed, column_name, question, subject
    having count_if(rows_saying = most) = 1
),

-- The other table is right as often as it agrees with what is sound.
agreement as (
    select
        claims.feed,
        claims.column_name,
        claims.question,
        count_if(told.value_key = claims.value_key) as agreeing,
        count(*) as compared
    from claims
    inner join told_elsewhere as told
        on
            claims.feed = told.feed
            and claims.column_name = told.column_name
            and claims.question = told.question
            and claims.subject = told.subject
    where claims.is_sound and not claims.is_others
    group by claims.feed, claims.column_name, claims.question
),

by_another_table as (
    select
        asked.feed,
        asked.column_name,
        asked.record_number,
        'other_table' as kind,
        told.candidate,
        coalesce(
            ln(
                (agreement.agreeing + 0.5)
                / (agreement.compared - agreement.agreeing + 0.5)
            ),
            0
        ) as log_odds,
        told.most || ' of ' || told.rows_asked || ' rows of ' || asked.other_table
        || ' with the same ' || asked.key_name || ' say so' as reason
    from asked
    inner join told_elsewhere as told
        on
            asked.feed = told.feed
            and asked.column_name = told.column_name
            and asked.question = told.question
            and asked.subject = told.subject
    left join agreement
        on
            asked.feed = agreement.feed
            and asked.column_name = agreement.column_name
            and asked.question = agreement.question
),

-- Which of two rivals is right nothing says: the value that is there is as good.
rivals as (
    select
        feed,
        column_name,
        record_number,
        'found' as kind,
        found_value as candidate,
        6 as log_odds,
        'it is there' as reason
    from asked
    where is_rival and not is_bad
),

by_spelling as (
    select
        feed,
        column_name,
        record_number,
        'spelling' as kind,
        candidate,
        log_odds,
        reason
    from {{ ref('int_spelling_evidence') }}
)

select * from by_the_key
union all
select * from by_one_of_many_keys
union all
select * from found_values
union all
select * from usual_values
union all
select * from by_preference
union all
select * from by_another_table
union all
select * from rivals
union all
select * from by_spelling
