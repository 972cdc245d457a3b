{%- do only_with_feeds('queries') -%}
with searches as (
    select * from {{ ref('int_searches') }}
),

events as (
    select *
    from {{ ref('int_behaviour_events') }}
    where query_id is not null
),

titles as (
    select * from {{ ref('int_title_words') }}
),

category_indexes as (
    select
        scope_value as category,
        quality_index
    from {{ ref('fct_quality_index') }}
    where scope_type = 'category' and feed = 'products'
),

-- What cannot be known of any search.
known as (
    select
        exists (select 1 from events) as has_events,
        exists (select 1 from titles) as has_titles
),

counted as (
    select
        query_text,
        locale,
        count(*) as searches,
        count(*) filter (where clicks = 0) as searches_without_click,
        count(*) filter (where purchases = 0) as searches_without_purchase,
        count(result_count) as counted_results,
        count(*) filter (where result_count = 0) as searches_without_result,
        count(is_refined) as seen_visits,
        count(*) filter (where is_refined) as refinements,
        count(*) filter (where clicks > 0) / count(*) as click_through_rate,
        min(issued_at) as first_searched_at,
        max(issued_at) as last_searched_at
    from searches
    group by query_text, locale
),

intervals as (
    select
        *,
        {{ wilson('click_through_rate', 'searches', -1) }} as click_through_low,
        {{ wilson('click_through_rate', 'searches', 1) }} as click_through_high
    from counted
),

-- Titles with all words of a query: those with its rarest word are looked at.
texts as (
    select distinct
        query_text,
        {{ words_of('query_text') }} as words
    from counted
),

title_words as (
    select distinct
        product_id,
        unnest(words) as word
    from titles
),

word_counts as (
    select
        word,
        count(*) as titles
    from title_words
    group by word
),

rarest as (
    select
        asked.query_text,
        asked.words,
        min(struct_pack(titles := coalesce(word_counts.titles, 0), word := asked.word))
            as rarest
    from (
        select
            query_text,
            words,
            unnest(words) as word
        from texts
    ) as asked
    left join word_counts on asked.word = word_counts.word
    group by asked.query_text, asked.words
),

matched as (
    select
        rarest.query_text,
        count(titles.product_id) as lexical_matches
    from rarest
    left join title_words on rarest.rarest.word = title_words.word
    left join titles
        on
            title_words.product_id = titles.product_id
            and {{ list_has_all('titles.words', 'rarest.words') }}
    group by rarest.query_text
),

-- The products that searches led to, as often as they did.
led_to as (
    select
        searches.query_text,
        searches.locale,
        events.product_id,
        events.category,
        category_indexes.quality_index
    from searches
    inner join events on searches.query_id = events.query_id
    left join category_indexes on events.category = category_indexes.category
    where
        events.event_type in ('view', 'click', 'add_to_cart', 'purchase', 'favorite')
        and events.product_id is not null
),

products as (
    select
        query_text,
        locale,
        count(distinct product_id) as products_led_to,
        mode(category order by category) as top_category,
        avg(quality_index) as products_index
    from led_to
    group by query_text, locale
),

top_categories as (
    select
        led_to.query_text,
        led_to.locale,
        count(*) filter (where led_to.category = products.top_category)
        / nullif(count(led_to.category), 0) as top_category_share
    from led_to
    inner join products
        on
            led_to.query_text = products.query_text
            and led_to.locale is not distinct from products.locale
    group by led_to.query_text, led_to.locale
)

select
    counted.query_text,
    counted.locale,
    products.top_category,
    nullif(
        concat_ws(
            ' ',
            case
                when not known.has_events
                    then 'No event names a query: what came of searches is not known.'
            end,
            case
                when counted.seen_visits = 0
                    then 'Of no search a session or user is known.'
            end,
            case when counted.counted_results = 0 then 'Results were not counted.' end,
            case when not known.has_titles then 'There are no titles to match.' end
        ),
        ''
    ) as note,
    cast(counted.searches as bigint) as searches,
    cast(case when known.has_events then counted.searches_without_click end as bigint)
        as searches_without_click,
    cast(case when known.has_events then counted.searches_without_purchase end as bigint)
        as searches_without_purchase,
    cast(
        case when counted.counted_results > 0 then counted.searches_without_result end
        as bigint
    ) as searches_without_result,
    cast(case when counted.seen_visits > 0 then counted.refinements end as bigint)
        as refinements,
    {%- for column in ['rate', 'low', 'high'] %}
    cast(case when known.has_events then counted.click_through_{{ column }} end as double)
        as click_through_{{ column }},
    {%- endfor %}
    cast(
        case when known.has_titles then coalesce(matched.lexical_matches, 0) end as bigint
    ) as lexical_matches,
    cast(
        case when known.has_events then coalesce(products.products_led_to, 0) end as bigint
    ) as products_led_to,
    cast(top_categories.top_category_share as double) as top_category_share,
    cast(round(products.products_index, 9) as double) as products_index,
    case when known.has_titles then coalesce(matched.lexical_matches, 0) = 0 end
        as is_without_match,
    counted.first_searched_at,
    counted.last_searched_at
from intervals as counted
cross join known
left join matched on counted.query_text = matched.query_text
left join products
    on
        counted.query_text = products.query_text
        and counted.locale is not distinct from products.locale
left join top_categories
    on
        counted.query_text = top_categories.query_text
        and counted.locale is not distinct from top_categories.locale
