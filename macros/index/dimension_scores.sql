{#-
The scores of the four dimensions, by slice: g = Π (1 - rate)^a over the components, with
their weights a as exponents (1 where no seed says otherwise).
-#}
{% macro dimension_scores(component_rates) %}
{% set components = assay.components() %}

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
        component_weight,
        component_weight * measured_weight as measured_weight,
        component_weight * rule_weight as rule_weight,
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
        -- What was not measured leaves the product alone. A mean of rates may lie above 1
        -- by the last digit, and no such number has a root.
        {%- for component in components.values() | sum(start=[]) %}
        coalesce(
            max(
                case
                    when component = '{{ component }}' and rate is not null
                        then power(greatest(1 - rate, 0), component_weight)
                end
            ),
            1
        ) as {{ component }}_factor,
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
        {%- for dimension, of_dimension in components.items() %}
        when dimension = '{{ dimension }}'
            then {{ of_dimension | join('_factor * ') }}_factor
        {%- endfor %}
    end as score,
    measured_weight,
    rule_weight,
    highest_index,
    worst
from factors
{% endmacro %}
