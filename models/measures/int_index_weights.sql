with quality_weights as (
    select * from {{ ref('quality_weights') }}
),

calibrated_weights as (
    select
        feed,
        dimension,
        cast(weight as double) as weight
    from {{ ref('quality_weights_calibrated') }}
    where '{{ setting('quality_weights') }}' = 'calibrated' and component is null
),

feeds as (
    select distinct feed
    from {{ ref('int_rows_checked') }}
    where rule_name is null
),

dimensions as (
    select 'completeness' as dimension
    union all
    select 'accuracy' as dimension
    union all
    select 'consistency' as dimension
    union all
    select 'timeliness' as dimension
),

given as (
    select
        feeds.feed,
        dimensions.dimension,
        coalesce(calibrated_feeds.weight, quality_weights.feed_weight) as feed_weight,
        coalesce(
            calibrated_dimensions.weight,
            case dimensions.dimension
                when 'completeness' then quality_weights.completeness
                when 'accuracy' then quality_weights.accuracy
                when 'consistency' then quality_weights.consistency
                when 'timeliness' then quality_weights.timeliness
            end,
            0.25
        ) as dimension_weight
    from feeds
    cross join dimensions
    left join quality_weights on feeds.feed = quality_weights.feed
    left join calibrated_weights as calibrated_feeds
        on feeds.feed = calibrated_feeds.feed and calibrated_feeds.dimension is null
    left join calibrated_weights as calibrated_dimensions
        on
            feeds.feed = calibrated_dimensions.feed
            and dimensions.dimension = calibrated_dimensions.dimension
)

select
    feed,
    dimension,
    -- Where none of the tables has a weight, they all weigh the same.
    case
        when sum(feed_weight) over () > 0 then coalesce(feed_weight, 0)
        else 1 / count(distinct feed) over ()
    end as feed_weight,
    dimension_weight
from given
