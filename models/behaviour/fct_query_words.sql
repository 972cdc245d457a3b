{%- do only_with_feeds('queries') -%}
with asked as (
    select
        word,
        sum(searches) as searches
    from (
        select
            unnest(list_distinct({{ words_of('query_text') }})) as word,
            searches
        from (
            select
                query_text,
                count(*) as searches
            from {{ ref('int_searches') }}
            where query_text <> '(e-mail address)'
            group by query_text
        )
    )
    group by word
),

title_words as (
    select
        word,
        count(*) as titles
    from (
        select unnest(list_distinct(words)) as word
        from {{ ref('int_title_words') }}
    )
    group by word
),

totals as (
    select
        (
            select count(*)
            from {{ ref('int_searches') }}
            where query_text <> '(e-mail address)'
        ) as searches,
        (select count(*) from {{ ref('int_title_words') }}) as titles
)

select
    asked.word,
    case
        when totals.titles = 0 then 'There are no titles in which it could be.'
    end as note,
    cast(asked.searches as bigint) as searches,
    asked.searches / cast(totals.searches as double) as search_share,
    cast(case when totals.titles > 0 then coalesce(title_words.titles, 0) end as bigint)
        as titles,
    case when totals.titles > 0 then title_words.titles is null end as is_in_no_title
from asked
cross join totals
left join title_words on asked.word = title_words.word
