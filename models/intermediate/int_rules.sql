{{ needs_all_feeds() }}

with listed as (
    {% if execute %}{{ rule_list() }}{% endif %}
),

label_rates as (
    select *
    from {{ ref('int_label_rates') }}
    where slice_type = 'all'
)

select
    listed.rule_name,
    listed.feed,
    listed.model_name,
    listed.column_name,
    listed.rule_kind,
    listed.description,
    listed.dimension,
    listed.component,
    listed.weight,
    listed.max_rate,
    listed.severity,
    listed.row_filter,
    listed.floor_over,
    listed.floor_index,
    listed.cycle_seconds,
    listed.is_judged_whole,
    listed.flaw,
    -- Labels from which nothing can be learned were not measured.
    case
        when listed.state = 'ready' and label_rates.reason is not null
            then 'not measured'
        else listed.state
    end as state,
    coalesce(listed.reason, label_rates.reason) as reason
from listed
left join label_rates on listed.rule_name = label_rates.rule_name
