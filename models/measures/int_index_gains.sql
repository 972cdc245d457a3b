{#- Reads the same relations as the index, and takes one rule out at a time. -#}
with rules as (
    select *
    from {{ ref('int_rules') }}
    where
        weight > 0
        and component_weight is distinct from 0
        and state is distinct from 'not applicable'
),

measures as (
    select *
    from {{ ref('int_measures') }}
    where slice_type = 'all' and rows_checked > 0
),

component_rates as (
    select *
    from {{ ref('int_component_rates') }}
    where slice_type = 'all' and failure_rate is not null
),

dimension_scores as (
    select *
    from {{ ref('int_dimension_scores') }}
    where slice_type = 'all' and reading = 'measured' and score is not null
),

weights as (
    select * from {{ ref('int_index_weights') }}
),

rated as (
    select
        rules.rule_name,
        rules.feed,
        rules.dimension,
        rules.component,
        rules.weight,
        rules.floor_over,
        rules.floor_index,
        case when rules.state = 'error' then 1 else measures.failure_rate end
            as failure_rate
    from rules
    left join measures on rules.rule_name = measures.rule_name
    where measures.rule_name is not null or rules.state = 'error'
),

components as (
    select
        feed,
        component,
        sum(weight) as rule_weight
    from rated
    group by feed, component
),

feeds as (
    select
        scores.feed,
        max(weights.feed_weight) as feed_weight,
        sum(weights.dimension_weight) as dimension_weight,
        sum(weights.dimension_weight * scores.score)
        / nullif(sum(weights.dimension_weight), 0) as mean_score
    from dimension_scores as scores
    inner join weights
        on scores.feed = weights.feed and scores.dimension = weights.dimension
    group by scores.feed
),

shop as (
    select sum(feed_weight) as feed_weight
    from feeds
    where mean_score is not null
),

-- The product of the other components of the dimension, and the floors of other rules.
beside as (
    select
        rated.rule_name,
        coalesce(
            (
                select
                    product(
                        power(
                            greatest(1 - peer.failure_rate, 0), peer.component_weight
                        )
                    )
                from component_rates as peer
                where
                    peer.feed = rated.feed
                    and peer.dimension = rated.dimension
                    and peer.component <> rated.component
            ),
            1
        ) as other_components,
        (
            select min(peer.floor_index)
            from rated as peer
            where
                peer.feed = rated.feed
                and peer.failure_rate > peer.floor_over
                and peer.rule_name <> rated.rule_name
        ) as floor_of_others
    from rated
),

-- What its component is worth with its failing rows and without them.
within as (
    select
        rated.rule_name,
        power(greatest(1 - rates.failure_rate, 0), rates.component_weight) as factor,
        power(
            least(
                1 - rates.failure_rate
                + rated.weight * rated.failure_rate / components.rule_weight,
                1
            ),
            rates.component_weight
        ) as factor_without
    from rated
    inner join components
        on rated.feed = components.feed and rated.component = components.component
    inner join component_rates as rates
        on rated.feed = rates.feed and rated.component = rates.component
),

gained as (
    select
        rated.rule_name,
        rated.feed,
        feeds.feed_weight,
        least(
            feeds.mean_score
            + weights.dimension_weight / nullif(feeds.dimension_weight, 0)
            * beside.other_components
            * (within.factor_without - within.factor),
            beside.floor_of_others
        )
        - least(
            feeds.mean_score,
            beside.floor_of_others,
            case when rated.failure_rate > rated.floor_over then rated.floor_index end
        ) as feed_index_gain
    from rated
    inner join beside on rated.rule_name = beside.rule_name
    inner join within on rated.rule_name = within.rule_name
    inner join feeds on rated.feed = feeds.feed
    inner join weights
        on rated.feed = weights.feed and rated.dimension = weights.dimension
    where feeds.mean_score is not null
)

select
    gained.rule_name,
    round(cast(gained.feed_index_gain as double), 9) as feed_index_gain,
    round(
        cast(
            gained.feed_index_gain * gained.feed_weight / nullif(shop.feed_weight, 0)
            as double
        ),
        9
    ) as shop_index_gain
from gained
cross join shop
