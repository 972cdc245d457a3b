{%- do only_with_feeds('products') -%}
with titles as (
    select * from {{ ref('int_title_words') }}
),

asked as (
    select distinct unnest({{ words_of('query_text') }}) as word
    from {{ ref('int_searches') }}
    where query_text <> '(e-mail address)'
),

searches as (
    select count(*) as searches
    from {{ ref('int_searches') }}
),

said as (
    select
        titles.product_id,
        said.word,
        count(*) as times
    from titles, unnest(titles.words) as said (word)
    group by titles.product_id, said.word
),

counted as (
    select
        said.product_id,
        sum(said.times) as words,
        sum(said.times - 1) as repeated_words,
        max(said.times) as most_repeated,
        count(*) as distinct_words,
        count(*) filter (where asked.word is null) as words_never_searched
    from said
    left join asked on said.word = asked.word
    group by said.product_id
)

select
    titles.product_id,
    nullif(
        concat_ws(
            ' ',
            case when counted.product_id is null then 'The title has no word.' end,
            case
                when searches.searches < 100
                    then
                        searches.searches
                        || ' searches are too few to say what is never searched.'
            end
        ),
        ''
    ) as note,
    cast(coalesce(counted.words, 0) as bigint) as words,
    cast(coalesce(counted.repeated_words, 0) as bigint) as repeated_words,
    cast(
        case
            when searches.searches >= 100 then coalesce(counted.words_never_searched, 0)
        end as bigint
    ) as words_never_searched,
    cast(
        case
            when searches.searches >= 100
                then counted.words_never_searched / counted.distinct_words
        end as double
    ) as never_searched_share,
    case
        when counted.product_id is null then false
        when counted.most_repeated >= 4 then true
        when searches.searches >= 100
            then
                counted.distinct_words >= 12
                and counted.words_never_searched > 0.5 * counted.distinct_words
        when counted.distinct_words < 12 then false
    end as is_stuffed
from titles
cross join searches
left join counted on titles.product_id = counted.product_id
