{#-
The index of the shop, its feeds and their slices. Of the feeds as they were found, or, with the version
`repaired_`, of the repaired ones: the same SQL over the models of that name. `scores` is
the relation of the dimension scores, where it is another one.
-#}
{% macro quality_index(version='', scores=none) %}
with dimension_scores as (
    select * from {{ scores or ref('int_' ~ version ~ 'dimension_scores') }}
),

scope_rows as (
    select * from {{ ref('int_' ~ version ~ 'scope_rows') }}
),

rules as (
    select *
    from {{ ref('int_rules') }}
    where weight > 0
),

quality_weights as (
    select * from {{ ref('quality_weights') }}
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

-- A watched table without a row in the seed has equal weights and no part in the shop.
weights as (
    select
        feeds.feed,
        dimensions.dimension,
        coalesce(quality_weights.feed_weight, 0) as feed_weight,
        case dimensions.dimension
            when 'completeness' then coalesce(quality_weights.completeness, 0.25)
            when 'accuracy' then coalesce(quality_weights.accuracy, 0.25)
            when 'consistency' then coalesce(quality_weights.consistency, 0.25)
            when 'timeliness' then coalesce(quality_weights.timeliness, 0.25)
        end as dimension_weight
    from (select distinct feed from scope_rows) as feeds
    cross join dimensions
    left join quality_weights on feeds.feed = quality_weights.feed
),

rule_weights as (
    select
        feed,
        dimension,
        sum(weight) as rule_weight
    from rules
    group by feed, dimension
),

-- One row per scope, reading and dimension; a dimension that was not measured has a
-- null score, and drops out of every weighted mean below.
scored as (
    select
        scope_rows.feed,
        scope_rows.slice_type,
        scope_rows.slice_value,
        readings.reading,
        weights.dimension,
        weights.feed_weight,
        weights.dimension_weight,
        dimension_scores.score,
        coalesce(
            weights.dimension_weight
            * dimension_scores.measured_weight
            / rule_weights.rule_weight,
            0
        ) as measured_weight
    from scope_rows
    cross join (
        values ('measured'), ('low'), ('high')
    ) as readings (reading)
    inner join weights on scope_rows.feed = weights.feed
    left join dimension_scores
        on
            scope_rows.feed = dimension_scores.feed
            and scope_rows.slice_type = dimension_scores.slice_type
            and coalesce(scope_rows.slice_value, '')
            = coalesce(dimension_scores.slice_value, '')
            and readings.reading = dimension_scores.reading
            and weights.dimension = dimension_scores.dimension
    left join rule_weights
        on
            weights.feed = rule_weights.feed
            and weights.dimension = rule_weights.dimension
),

feed_indexes as (
    select
        feed,
        slice_type,
        slice_value,
        reading,
        max(case when dimension = 'completeness' then score end) as completeness_score,
        max(case when dimension = 'accuracy' then score end) as accuracy_score,
        max(case when dimension = 'consistency' then score end) as consistency_score,
        max(case when dimension = 'timeliness' then score end) as timeliness_score,
        sum(dimension_weight * score)
        / nullif(sum(case when score is not null then dimension_weight end), 0)
            as quality_index,
        sum(measured_weight) as measured_weight,
        max(feed_weight) as feed_weight
    from scored
    group by feed, slice_type, slice_value, reading
),

shop_scores as (
    select
        reading,
        dimension,
        sum(feed_weight * dimension_weight * score)
        / nullif(
            sum(case when score is not null then feed_weight * dimension_weight end), 0
        ) as score
    from scored
    where slice_type = 'all'
    group by reading, dimension
),

shop_indexes as (
    select
        reading,
        sum(feed_weight * quality_index)
        / nullif(sum(case when quality_index is not null then feed_weight end), 0)
            as quality_index,
        sum(feed_weight * measured_weight) as measured_weight
    from feed_indexes
    where slice_type = 'all'
    group by reading
),

shop as (
    select
        shop_indexes.reading,
        max(case when shop_scores.dimension = 'completeness' then shop_scores.score end)
            as completeness_score,
        max(case when shop_scores.dimension = 'accuracy' then shop_scores.score end)
            as accuracy_score,
        max(case when shop_scores.dimension = 'consistency' then shop_scores.score end)
            as consistency_score,
        max(case when shop_scores.dimension = 'timeliness' then shop_scores.score end)
            as timeliness_score,
        max(shop_indexes.quality_index) as quality_index,
        max(shop_indexes.measured_weight) as measured_weight
    from shop_indexes
    inner join shop_scores on shop_indexes.reading = shop_scores.reading
    group by shop_indexes.reading
),

readings_of_scopes as (
    select
        'shop' as scope_type,
        cast(null as varchar) as feed,
        cast(null as varchar) as slice_value,
        reading,
        completeness_score,
        accuracy_score,
        consistency_score,
        timeliness_score,
        quality_index,
        measured_weight
    from shop
    union all
    select
        case when slice_type = 'all' then 'feed' else slice_type end as scope_type,
        feed,
        slice_value,
        reading,
        completeness_score,
        accuracy_score,
        consistency_score,
        timeliness_score,
        quality_index,
        measured_weight
    from feed_indexes
),

rows_of_scopes as (
    select
        'shop' as scope_type,
        cast(null as varchar) as feed,
        cast(null as varchar) as slice_value,
        sum(rows_checked) as rows_checked,
        sum(rows_hit) as rows_hit,
        sum(issue_count) as issue_count
    from scope_rows
    where slice_type = 'all'
    union all
    select
        case when slice_type = 'all' then 'feed' else slice_type end as scope_type,
        feed,
        slice_value,
        rows_checked,
        rows_hit,
        issue_count
    from scope_rows
)

-- Sums are made in any order: their last digits may not decide on a digit that is shown.
select
    measured.scope_type,
    measured.feed,
    measured.slice_value as scope_value,
    round(cast(measured.completeness_score as double), 9) as completeness_score,
    round(cast(measured.accuracy_score as double), 9) as accuracy_score,
    round(cast(measured.consistency_score as double), 9) as consistency_score,
    round(cast(measured.timeliness_score as double), 9) as timeliness_score,
    round(cast(measured.quality_index as double), 9) as quality_index,
    round(cast(low.quality_index as double), 9) as index_low,
    round(cast(high.quality_index as double), 9) as index_high,
    1 - rows_of_scopes.rows_hit / cast(nullif(rows_of_scopes.rows_checked, 0) as double)
        as clean_row_share,
    round(cast(measured.measured_weight as double), 9) as measured_weight,
    cast(rows_of_scopes.rows_checked as bigint) as rows_checked,
    cast(rows_of_scopes.issue_count as bigint) as issue_count
from readings_of_scopes as measured
inner join readings_of_scopes as low
    on
        measured.scope_type = low.scope_type
        and coalesce(measured.feed, '') = coalesce(low.feed, '')
        and coalesce(measured.slice_value, '') = coalesce(low.slice_value, '')
        and low.reading = 'low'
inner join readings_of_scopes as high
    on
        measured.scope_type = high.scope_type
        and coalesce(measured.feed, '') = coalesce(high.feed, '')
        and coalesce(measured.slice_value, '') = coalesce(high.slice_value, '')
        and high.reading = 'high'
inner join rows_of_scopes
    on
        measured.scope_type = rows_of_scopes.scope_type
        and coalesce(measured.feed, '') = coalesce(rows_of_scopes.feed, '')
        and coalesce(measured.slice_value, '')
        = coalesce(rows_of_scopes.slice_value, '')
where measured.reading = 'measured'
{% endmacro %}
