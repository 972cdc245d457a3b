{%- do only_with_feeds('events') -%}
select
    version,
    model,
    target,
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
    users,
    users_excluded,
    slots_wasted_rate,
    cold_item_share,
    note
from {{ ref('int_recommender_effect') }}
