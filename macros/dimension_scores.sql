{#-
The scores of the four dimensions, by slice. Of the feeds as they were found, or, with the version
`repaired_`, of the repaired ones: the same SQL over the models of that name. `rates` is
the relation of the component rates, where it is another one.
-#}
{% macro dimension_scores(version='', rates=none) %}
{% set components = [
    'missing', 'repeat', 'coverage', 'label', 'class', 'relation', 'source', 'format',
    'frequency', 'validity'
] %}

with component_rates as (
    select * from {{ rates or ref('int_' ~ version ~ 'component_rates') }}
),

-- The three readings of a score: with every rate as measured, and with every rate at
-- the upper and at the lower end of its interval. Scores fall as rates rise, so these
-- bound the score whatever the dependence between rules.
readings as (
    select
        *,
        'measured' as reading,
        failure_rate as rate
    from component_rates
    union all
    select
        *,
        'low' as reading,
        rate_high as rate
    from component_rates
    union all
    select
        *,
        'high' as reading,
        rate_low as rate
    from component_rates
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
        sum(measured_weight) as measured_weight
    from readings
    group by feed, slice_type, slice_value, reading, dimension
)

select
    feed,
    slice_type,
    slice_value,
    reading,
    dimension,
    case dimension
        when 'completeness' then missing_factor * repeat_factor * coverage_factor
        when 'accuracy' then label_factor * class_factor * relation_factor
        when 'consistency' then source_factor * format_factor
        when 'timeliness' then frequency_factor * validity_factor
    end as score,
    measured_weight
from factors
{% endmacro %}
