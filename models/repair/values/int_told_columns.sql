with told as (
    select
        feed,
        column_name,
        {{ words_of('own_text') }} as words,
        {{ words_of('told_value') }} as own,
        told_value,
        -- The value of some other row: how often a text names it by chance.
        lag(told_value) over (
            partition by feed, column_name
            order by {{ row_hash(['own_text', 'told_value']) }}, own_text, told_value
        ) as other_value
    from {{ ref('int_told_values') }}
    where told_value is not null
),

counted as (
    select
        feed,
        column_name,
        (count_if({{ list_has_all('words', 'own') }}) + 0.5) / (count(*) + 1) as named,
        (
            count_if(
                {{ list_has_all('words', words_of('other_value')) }}
                and lower(other_value) <> lower(told_value)
            ) + 0.5
        ) / (count_if(lower(other_value) <> lower(told_value)) + 1) as named_by_chance
    from told
    group by feed, column_name
)

select
    feed,
    column_name,
    ln(named / named_by_chance) as log_odds_if_named,
    ln((1 - named) / (1 - named_by_chance)) as log_odds_if_not
from counted
