with quality_weights as (
    select * from {{ ref('quality_weights') }}
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
)

select
    feeds.feed,
    dimensions.dimension,
    -- Where none of the tables has a weight, they all weigh the same.
    case
        when sum(quality_weights.feed_weight) over () > 0
            then coalesce(quality_weights.feed_weight, 0)
        else 1 / count(distinct feeds.feed) over ()
    end as feed_weight,
    case dimensions.dimension
        when 'completeness' then coalesce(quality_weights.completeness, 0.25)
        when 'accuracy' then coalesce(quality_weights.accuracy, 0.25)
        when 'consistency' then coalesce(quality_weights.consistency, 0.25)
        when 'timeliness' then coalesce(quality_weights.timeliness, 0.25)
    end as dimension_weight
from feeds
cross join dimensions
left join quality_weights on feeds.feed = quality_weights.feed
