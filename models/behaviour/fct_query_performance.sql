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

-- What is known of no search is null, and no 0.
counted as (
    select
        query_text,
        locale,
        count(*) as searches,
        sum(case when clicks = 0 then 1 when clicks > 0 then 0 end)
            as searches_without_click,
        sum(case when purchases = 0 then 1 when purchases > 0 then 0 end)
            as searches_without_purchase,
        sum(case when result_count = 0 then 1 when result_count > 0 then 0 end)
            as searches_without_result,
        sum(cast(is_refined as integer)) as refinements,
        avg(case when clicks = 0 then 0 when clicks > 0 then 1 end)
            as click_through_rate,
        min(issued_at) as first_searched_at,
        max(issued_at) as last_searched_at
    from searches
    group by query_text, locale
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
),

known as (
    select count(*) > 0 as has_titles
    from titles
),

measured as (
    select
        counted.*,
        case
            when counted.click_through_rate is not null
                then coalesce(products.products_led_to, 0)
        end as products_led_to,
        case when known.has_titles then coalesce(matched.lexical_matches, 0) end
            as lexical_matches,
        products.top_category,
        products.products_index,
        top_categories.top_category_share
    from counted
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
)

select
    query_text,
    locale,
    top_category,
    nullif(
        concat_ws(
            ' ',
            case
                when click_through_rate is null
                    then 'No event names a query: what came of it is not known.'
            end,
            case
                when refinements is null
                    then 'Of no search a session or user is known.'
            end,
            case
                when searches_without_result is null then 'Results were not counted.'
            end,
            case when lexical_matches is null then 'There are no titles to match.' end
        ),
        ''
    ) as note,
    cast(searches as bigint) as searches,
    cast(searches_without_click as bigint) as searches_without_click,
    cast(searches_without_purchase as bigint) as searches_without_purchase,
    cast(searches_without_result as bigint) as searches_without_result,
    cast(refinements as bigint) as refinements,
    cast(click_through_rate as double) as click_through_rate,
    cast(
        case
            when click_through_rate is not null
                then {{ wilson('click_through_rate', 'searches', -1) }}
        end as double
    ) as click_through_low,
    cast(
        case
            when click_through_rate is not null
                then {{ wilson('click_through_rate', 'searches', 1) }}
        end as double
    ) as click_through_high,
    cast(lexical_matches as bigint) as lexical_matches,
    cast(products_led_to as bigint) as products_led_to,
    cast(top_category_share as double) as top_category_share,
    cast(round(products_index, 9) as double) as products_index,
    (lexical_matches = 0) as is_without_match,
    first_searched_at,
    last_searched_at
from measured
