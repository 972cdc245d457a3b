{%- do only_with_feeds('queries') -%}
with queries as (
    select
        other.record_number,
        {{ repaired_key('queries', 'query_id') }} as query_id,
        {{ normalized_text('other.query_text') }} as said,
        {{ repaired_key('queries', 'locale') }} as locale,  -- noqa: RF04
        {{ repaired_key('queries', 'user_id') }} as user_id,
        {{ repaired_key('queries', 'session_id') }} as session_id,
        other.result_count,
        other.issued_at
    from {{ ref('repaired_queries') }} as other
    where {{ repaired_key('queries', 'query_text') }} is not null
),

of_queries as (
    select
        query_id,
        count(*) filter (
            where event_type in ('view', 'click', 'add_to_cart', 'purchase', 'favorite')
        ) as clicks,
        count(*) filter (where is_purchase) as purchases,
        min(session_id) as session_id,
        min(user_id) as user_id
    from {{ ref('int_behaviour_events') }}
    where query_id is not null
    group by query_id
),

known as (
    select count(*) > 0 as has_events
    from of_queries
),

-- Whose a search is, its event says where the feed does not.
searches as (
    select
        queries.record_number,
        -- What people type by mistake into a search box is nobody's business.
        case
            when contains(queries.said, '@') then '(e-mail address)' else queries.said
        end as query_text,
        queries.locale,
        queries.result_count,
        queries.issued_at,
        queries.query_id,
        case when known.has_events then coalesce(of_queries.clicks, 0) end as clicks,
        case when known.has_events then coalesce(of_queries.purchases, 0) end
            as purchases,
        coalesce(
            's' || coalesce(queries.session_id, of_queries.session_id),
            'u' || coalesce(queries.user_id, of_queries.user_id)
        ) as visit
    from queries
    cross join known
    left join of_queries on queries.query_id = of_queries.query_id
)

select
    record_number,
    query_id,
    query_text,
    locale,
    result_count,
    clicks,
    purchases,
    -- Another text of the same visit within half an hour says the search anew.
    case
        when visit is not null and issued_at is not null
            then coalesce(
                    lead(query_text) over of_visit <> query_text
                    and lead(issued_at) over of_visit
                    <= issued_at + interval '30 minutes',
                    false
                )
    end as is_refined,
    issued_at
from searches
window of_visit as (
    partition by visit, issued_at is not null order by issued_at, record_number
)
