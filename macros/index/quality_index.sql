{#- The index of the shop, its feeds and their slices. -#}
{% macro quality_index(dimension_scores, scope_rows, weights) %}
{%- set dimensions = ['completeness', 'accuracy', 'consistency', 'timeliness'] -%}
with dimension_scores as (
    select * from {{ dimension_scores }}
),

scope_rows as (
    select * from {{ scope_rows }}
),

weights as (
    select * from {{ weights }}
),

-- The dimensions of which a feed has a rule, that may speak of some slices only.
dimensions_of_feeds as (
    select distinct
        feed,
        dimension
    from dimension_scores
    where slice_type = 'all'
),

-- One row per scope, reading and dimension. A dimension that was not measured has a null
-- score, and drops out of every weighted mean below; in the readings of the interval it
-- may be anything from 0 to 1.
scored as (
    select
        scope_rows.feed,
        scope_rows.slice_type,
        scope_rows.slice_value,
        readings.reading,
        weights.dimension,
        weights.feed_weight,
        weights.dimension_weight,
        coalesce(dimension_scores.score, readings.score_of_unknown) as score,
        coalesce(
            weights.dimension_weight
            * dimension_scores.measured_weight
            / nullif(dimension_scores.rule_weight, 0),
            0
        ) as measured_weight,
        dimension_scores.highest_index,
        dimension_scores.worst
    from scope_rows
    cross join (
        values ('measured', null), ('low', 0), ('high', 1)
    ) as readings (reading, score_of_unknown)
    inner join weights on scope_rows.feed = weights.feed
    left join dimension_scores
        on
            scope_rows.feed = dimension_scores.feed
            and scope_rows.slice_type = dimension_scores.slice_type
            and scope_rows.slice_value is not distinct from dimension_scores.slice_value
            and readings.reading = dimension_scores.reading
            and weights.dimension = dimension_scores.dimension
    left join dimensions_of_feeds
        on
            weights.feed = dimensions_of_feeds.feed
            and weights.dimension = dimensions_of_feeds.dimension
    where
        dimension_scores.dimension is not null
        or dimensions_of_feeds.dimension is null
),

feed_indexes as (
    select
        feed,
        slice_type,
        slice_value,
        reading,
        {%- for dimension in dimensions %}
        max(case when dimension = '{{ dimension }}' then score end)
            as {{ dimension }}_score,
        {%- endfor %}
        -- A floor alone is no index.
        case
            when sum(case when score is not null then dimension_weight end) > 0
                then least(
                    sum(dimension_weight * score)
                    / sum(case when score is not null then dimension_weight end),
                    min(highest_index)
                )
        end as quality_index,
        sum(measured_weight)
        / nullif(sum(dimension_weight), 0) as measured_weight,
        max(feed_weight) as feed_weight,
        max(worst) as worst
    from scored
    group by feed, slice_type, slice_value, reading
),

shop_scores as (
    select
        reading,
        {%- for dimension in dimensions %}
        sum(feed_weight * dimension_weight * score)
            filter (where dimension = '{{ dimension }}')
        / nullif(
            sum(feed_weight * dimension_weight)
                filter (where dimension = '{{ dimension }}' and score is not null),
            0
        ) as {{ dimension }}_score{{ ',' if not loop.last }}
        {%- endfor %}
    from scored
    where slice_type = 'all'
    group by reading
),

shop_indexes as (
    select
        reading,
        sum(feed_weight * quality_index)
        / nullif(sum(case when quality_index is not null then feed_weight end), 0)
            as quality_index,
        sum(feed_weight * measured_weight)
        / nullif(sum(feed_weight), 0) as measured_weight,
        max(worst) filter (where feed_weight > 0) as worst,
        -- The feed that scores lowest, of several the one with the greatest weight.
        min(
            struct_pack(
                quality_index := quality_index, weight := -feed_weight, feed := feed
            )
        ) filter (where feed_weight > 0 and quality_index is not null) as worst_feed
    from feed_indexes
    where slice_type = 'all'
    group by reading
),

readings_of_scopes as (
    select
        'shop' as scope_type,
        cast(null as varchar) as feed,
        cast(null as varchar) as slice_value,
        shop_indexes.reading,
        {%- for dimension in dimensions %}
        shop_scores.{{ dimension }}_score,
        {%- endfor %}
        shop_indexes.quality_index,
        shop_indexes.measured_weight,
        shop_indexes.worst,
        shop_indexes.worst_feed
    from shop_indexes
    inner join shop_scores on shop_indexes.reading = shop_scores.reading
    union all
    select
        case when slice_type = 'all' then 'feed' else slice_type end as scope_type,
        feed,
        slice_value,
        reading,
        {%- for dimension in dimensions %}
        {{ dimension }}_score,
        {%- endfor %}
        quality_index,
        measured_weight,
        worst,
        null as worst_feed
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
),

-- Sums are made in any order: their last digits may not decide on a digit that is shown.
read_at_once as (
    select
        scope_type,
        feed,
        slice_value,
        {%- for column in ['quality_index', 'measured_weight', 'completeness_score',
            'accuracy_score', 'consistency_score', 'timeliness_score'] %}
        round(cast(max({{ column }}) filter (where reading = 'measured') as double), 9)
            as {{ column }},
        {%- endfor %}
        round(cast(max(quality_index) filter (where reading = 'low') as double), 9)
            as index_low,
        round(cast(max(quality_index) filter (where reading = 'high') as double), 9)
            as index_high,
        max(worst_feed) filter (where reading = 'measured') as worst_feed,
        max(worst) filter (where reading = 'measured') as worst
    from readings_of_scopes
    group by scope_type, feed, slice_value
)

select
    read_at_once.scope_type,
    read_at_once.feed,
    read_at_once.slice_value as scope_value,
    read_at_once.measured_weight,
    case
        when read_at_once.quality_index is null then 'none'
        when read_at_once.measured_weight >= 0.9 then 'nearly all'
        when read_at_once.measured_weight >= 0.6 then 'most'
        when read_at_once.measured_weight >= 0.3 then 'some'
        else 'little'
    end as measured_grade,
    read_at_once.quality_index,
    case when read_at_once.quality_index is not null then read_at_once.index_low end
        as index_low,
    case when read_at_once.quality_index is not null then read_at_once.index_high end
        as index_high,
    read_at_once.worst_feed.feed as worst_feed,
    round(cast(read_at_once.worst_feed.quality_index as double), 9)
        as worst_feed_index,
    read_at_once.worst.rule_name as worst_rule,
    read_at_once.worst.rate as worst_rule_rate,
    {%- for dimension in dimensions %}
    read_at_once.{{ dimension }}_score,
    {%- endfor %}
    1 - rows_of_scopes.rows_hit / cast(nullif(rows_of_scopes.rows_checked, 0) as double)
        as clean_row_share,
    cast(rows_of_scopes.rows_checked as bigint) as rows_checked,
    cast(rows_of_scopes.issue_count as bigint) as issue_count
from read_at_once
inner join rows_of_scopes
    on
        read_at_once.scope_type = rows_of_scopes.scope_type
        and read_at_once.feed is not distinct from rows_of_scopes.feed
        and read_at_once.slice_value is not distinct from rows_of_scopes.slice_value
{% endmacro %}
