{%- set columns = [
    'history_id', 'clock', 'observed_at', 'feed', 'slice_type', 'slice_value',
    'measure', 'rule_name', 'rows_checked', 'failing_rows', 'value', 'value_low',
    'value_high', 'is_sample'
] -%}
{#- What was measured before stands here alone: it is read and written anew. -#}
{%- set before = built_before() -%}
{%- set scores = ['completeness', 'accuracy', 'consistency', 'timeliness'] -%}

with indexes as (
    select
        case when scope_type = 'day' then 'event_day' else 'build' end as clock,
        case
            when scope_type = 'day' then try_cast(scope_value as timestamp)
            else as_of
        end as observed_at,
        coalesce(feed, 'shop') as feed,
        case
            when scope_type in ('shop', 'feed', 'day') then 'all'
            else scope_type
        end as slice_type,
        case
            when scope_type in ('shop', 'feed', 'day') then 'all'
            else scope_value
        end as slice_value,
        rows_checked,
        quality_index,
        index_low,
        index_high,
        completeness_score,
        accuracy_score,
        consistency_score,
        timeliness_score
    from {{ ref('fct_quality_index') }}
),

measured as (
    select
        clock,
        observed_at,
        feed,
        slice_type,
        slice_value,
        'quality_index' as measure,
        cast(null as varchar) as rule_name,
        rows_checked,
        cast(null as double) as failing_rows,
        quality_index as value,
        index_low as value_low,
        index_high as value_high
    from indexes
    {%- for score in scores %}

    union all

    select
        clock,
        observed_at,
        feed,
        slice_type,
        slice_value,
        '{{ score }}' as measure,
        cast(null as varchar) as rule_name,
        rows_checked,
        cast(null as double) as failing_rows,
        {{ score }}_score as value,
        cast(null as double) as value_low,
        cast(null as double) as value_high
    from indexes
    {%- endfor %}

    union all

    select
        clock,
        observed_at,
        feed,
        slice_type,
        slice_value,
        'rows' as measure,
        cast(null as varchar) as rule_name,
        rows_checked,
        cast(null as double) as failing_rows,
        cast(rows_checked as double) as value,
        cast(null as double) as value_low,
        cast(null as double) as value_high
    from indexes

    union all

    select
        case when slice_type = 'day' then 'event_day' else 'build' end as clock,
        case
            when slice_type = 'day' then try_cast(slice_value as timestamp)
            else {{ as_of() }}
        end as observed_at,
        feed,
        case when slice_type = 'day' then 'all' else slice_type end as slice_type,
        case when slice_type = 'day' then 'all' else coalesce(slice_value, 'all') end
            as slice_value,
        'failure_rate' as measure,
        rule_name,
        rows_checked,
        cast(failing_rows as double) as failing_rows,
        failure_rate as value,
        rate_low as value_low,
        rate_high as value_high
    from {{ ref('int_measures') }}
),

-- Rows of no day are in no history by day.
now_measured as (
    select
        md5(concat_ws(
            '|',
            clock,
            cast(observed_at as varchar),
            feed,
            slice_type,
            slice_value,
            measure,
            coalesce(rule_name, '')
        )) as history_id,
        *,
        {{ setting('feeds') == 'sample' }} as is_sample
    from measured
    where observed_at <= {{ as_of() }} and value is not null
),

history as (
    select now_measured.*
    from now_measured
    {%- if before %}

    union all

    select earlier.{{ columns | join(', earlier.') }}
    from {{ before }} as earlier
    left join now_measured on earlier.history_id = now_measured.history_id
    where
        now_measured.history_id is null
        -- A simulated shop has no part in the history of another.
        and earlier.is_sample = {{ setting('feeds') == 'sample' }}
    {%- endif %}
)

select {{ columns | join(', ') }}
from history
where observed_at >= {{ as_of() }} - interval '{{ setting('history_days') }} days'
