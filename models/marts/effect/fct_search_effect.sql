{%- do only_with_feeds('queries') -%}
select
    version,
    system,
    scope,
    metric,
    value,
    value_low,
    value_high,
    value_found,
    difference,
    difference_low,
    difference_high,
    p_value,
    p_adjusted,
    smallest_difference,
    queries,
    queries_excluded,
    slots_wasted_rate,
    judged_at_10_share,
    note
from {{ ref('int_search_effect') }}
