select
    cast(null as varchar) as series_id,
    cast(null as varchar) as feed,
    cast(null as varchar) as measure,
    cast(null as varchar) as rule_name,
    cast(null as varchar) as column_name,
    cast(null as varchar) as slice_type,
    cast(null as varchar) as slice_value,
    cast(null as varchar) as value_of_column,
    cast(null as date) as day,
    cast(null as double) as numerator,
    cast(null as double) as denominator,
    cast(null as double) as value
where false
