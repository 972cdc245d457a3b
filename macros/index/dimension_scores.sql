{#- The scores of the four dimensions, by slice. -#}
{% macro dimension_scores(component_rates) %}
{% set components = [
    'missing', 'repeat', 'coverage', 'label', 'class', 'relation', 'source', 'format',
    'frequency', 'validity'
] %}

with rated as (
    select * from {{ component_rates }}
),

-- The three readings of a score: with every rate as measured, and with every rate at
-- the upper and at the lower end of its interval; a rule that was not measured has the
-- interval from 0 to 1. Scores fall as rates rise, so these bound the score whatever the
-- dependence between rules.
readings as (
    {% for reading, columns in {
        'measured': ['failure_rate', 'highest_index'],
        'low': ['rate_high', 'highest_index_low'],
        'high': ['rate_low', 'highest_index_high']
    }.items() %}
    select
        feed,
        slice_type,
        slice_value,
        dimension,
        component,
        '{{ reading }}' as reading,
        {{ columns[0] }} as rate,
        {{ columns[1] }} as highest_index,
        measured_weight,
        rule_weight,
        worst
    from rated
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

factors as (
    select
        feed,
        slice_type,
        slice_value,
        reading,
        dimension,
        -- 1 - rate of each component; what was not measured leaves the product alone.
        {%- for component in components %}
        coalesce(1 - max(case when component = '{{ component }}' then rate end), 1)
            as {{ component }}_factor,
        {%- endfor %}
        count(rate) > 0 as is_measured,
        sum(measured_weight) as measured_weight,
        sum(rule_weight) as rule_weight,
        min(highest_index) as highest_index,
        max(worst) as worst
    from readings
    group by feed, slice_type, slice_value, reading, dimension
)

select
    feed,
    slice_type,
    slice_value,
    reading,
    dimension,
    case
        when not is_measured then null
        when dimension = 'completeness'
            then missing_factor * repeat_factor * coverage_factor
        when dimension = 'accuracy' then label_factor * class_factor * relation_factor
        when dimension = 'consistency' then source_factor * format_factor
        when dimension = 'timeliness' then frequency_factor * validity_factor
    end as score,
    measured_weight,
    rule_weight,
    highest_index,
    worst
from factors
{% endmacro %}
