with claims as (
    select * from {{ ref('int_claims') }}
    where is_sound and other_table is null
),

asked as (
    select
        feed,
        column_name,
        question,
        subject
    from {{ ref('int_claims') }}
    where is_asked and other_table is null
    group by feed, column_name, question, subject
),

-- Of what merely looks alike each voter has one vote, else each row.
said as (
    select
        feed,
        column_name,
        question,
        subject,
        value_key,
        source,
        value,
        any_value(is_alike) as is_alike,
        case
            when any_value(is_alike) then count(distinct voter)
            else count(*)
        end as rows_saying,
        max(source_rank) as source_rank,
        max(said_at) as said_at
    from claims
    group by feed, column_name, question, subject, value_key, source, value
),

counted as (
    select
        feed,
        column_name,
        question,
        subject,
        value_key,
        any_value(is_alike) as is_alike,
        first(value order by rows_saying desc, value) as candidate,
        sum(rows_saying) as rows_saying,
        first(value order by source_rank desc nulls last, value) as preferred_spelling,
        max(source_rank) as source_rank,
        first(value order by said_at desc nulls last, value) as newest_spelling,
        max(said_at) as said_at
    from said
    group by feed, column_name, question, subject, value_key
),

ranked as (
    select
        *,
        sum(rows_saying) over of_subject as rows_asked,
        max(rows_saying) over of_subject as most,
        count(*) over (
            partition by feed, column_name, question, subject, rows_saying
        ) as equals
    from counted
    window of_subject as (partition by feed, column_name, question, subject)
),

tied as (
    select
        *,
        count_if(rows_saying = most) over (
            partition by feed, column_name, question, subject
        ) > 1 as is_tied
    from ranked
),

-- How often each source is wrong: it says what fewer say, or is one of equals. Only of
-- three sources on can one be told from another; what equals say then teaches nothing
-- of either.
sources as (
    select
        said.feed,
        said.column_name,
        said.question,
        said.source,
        sum(
            said.rows_saying
            * case when tied.rows_saying < tied.most then 1 else 1 - 1 / tied.equals end
        ) as errors,
        sum(said.rows_saying) as rows_saying,
        sum(case
            when not tied.is_tied and tied.rows_saying < tied.most
                then said.rows_saying
        end) as outvoted,
        sum(case when not tied.is_tied then said.rows_saying end) as rows_judged
    from said
    inner join tied
        on
            said.feed = tied.feed
            and said.column_name = tied.column_name
            and said.question = tied.question
            and said.subject = tied.subject
            and said.value_key = tied.value_key
    where tied.rows_asked > 1
    group by said.feed, said.column_name, said.question, said.source
),

-- How much better than by chance those agree that merely look alike (Cohen's kappa):
-- where they agree as any two rows do, what most of them say is only what is usual,
-- and no evidence.
agreement as (
    select
        feed,
        column_name,
        question,
        sum(rows_saying * (rows_saying - 1) / (rows_asked - 1)) / sum(rows_saying)
            as agreed_share
    from tied
    where rows_asked > 1
    group by feed, column_name, question
),

by_chance as (
    select
        feed,
        column_name,
        question,
        sum(power(rows_saying / rows_of_all, 2)) as chance_share
    from (
        select
            feed,
            column_name,
            question,
            sum(rows_saying) as rows_saying,
            sum(sum(rows_saying)) over (partition by feed, column_name, question)
                as rows_of_all
        from tied
        where rows_asked > 1
        group by feed, column_name, question, value_key
    ) as said_values
    group by feed, column_name, question
),

questions as (
    select
        feed,
        column_name,
        question,
        any_value(is_alike) as is_alike
    from said
    group by feed, column_name, question
),

trusted as (
    select
        questions.feed,
        questions.column_name,
        questions.question,
        case
            when not questions.is_alike then 1
            when agreement.agreed_share <= by_chance.chance_share then 0
            else
                (agreement.agreed_share - by_chance.chance_share)
                / (1 - by_chance.chance_share)
        end as trusted_share
    from questions
    left join agreement
        on
            questions.feed = agreement.feed
            and questions.column_name = agreement.column_name
            and questions.question = agreement.question
    left join by_chance
        on
            questions.feed = by_chance.feed
            and questions.column_name = by_chance.column_name
            and questions.question = by_chance.question
),

overall as (
    select
        trusted.feed,
        trusted.column_name,
        trusted.question,
        coalesce(any_value(trusted.trusted_share), 0) as trusted_share,
        count(sources.source) as sources,
        coalesce(any_value(trusted.trusted_share), 0)
        * {{ row_log_odds('sum(sources.errors)', 'sum(sources.rows_saying)') }}
            as row_log_odds
    from trusted
    left join sources
        on
            trusted.feed = sources.feed
            and trusted.column_name = sources.column_name
            and trusted.question = sources.question
    group by trusted.feed, trusted.column_name, trusted.question
),

weighed as (
    select
        said.feed,
        said.column_name,
        said.question,
        said.subject,
        said.value_key,
        any_value(overall.row_log_odds) as row_log_odds,
        least(20, sum(said.rows_saying * case
            when overall.sources > 2
                then
                    overall.trusted_share
                    * {{ row_log_odds('sources.outvoted', 'sources.rows_judged') }}
            else overall.row_log_odds
        end)) as log_odds
    from said
    inner join overall
        on
            said.feed = overall.feed
            and said.column_name = overall.column_name
            and said.question = overall.question
    left join sources
        on
            said.feed = sources.feed
            and said.column_name = sources.column_name
            and said.question = sources.question
            and said.source = sources.source
    group by
        said.feed, said.column_name, said.question, said.subject, said.value_key
),

voted as (
    select
        tied.*,
        weighed.log_odds,
        weighed.row_log_odds,
        1 + sum(exp(weighed.log_odds)) over (
            partition by tied.feed, tied.column_name, tied.question, tied.subject
        ) as all_odds,
        sum(tied.rows_saying) over (
            partition by tied.feed, tied.column_name, tied.question, tied.value_key
        ) / sum(tied.rows_saying) over (
            partition by tied.feed, tied.column_name, tied.question
        ) as value_share
    from tied
    inner join weighed
        on
            tied.feed = weighed.feed
            and tied.column_name = weighed.column_name
            and tied.question = weighed.question
            and tied.subject = weighed.subject
            and tied.value_key = weighed.value_key
)

select
    voted.feed,
    voted.column_name,
    voted.question,
    voted.subject,
    voted.value_key,
    voted.candidate,
    voted.rows_saying,
    voted.rows_asked,
    voted.log_odds,
    voted.row_log_odds,
    voted.all_odds,
    voted.value_share,
    voted.source_rank,
    voted.preferred_spelling,
    voted.said_at,
    voted.newest_spelling
from voted
-- What nobody asks about has said how far rows are to be believed.
inner join asked
    on
        voted.feed = asked.feed
        and voted.column_name = asked.column_name
        and voted.question = asked.question
        and voted.subject = asked.subject
