with repairs as (
    select * from {{ ref('int_repairs') }}
    {% if feed_names() %}
    union all
    select
        'products' as feed,
        cast(null as varchar) as column_name,
        cast(null as bigint) as record_number,
        record_key,
        cast(null as bigint) as occurrence,
        cast(null as varchar) as rule_name,
        'near_duplicate' as method,
        'merge' as action,
        product_id as found_value,
        merged_into as proposed_value,
        reason,
        cause_id,
        merged_into || ' and ' || case
            when count(*) over (partition by merged_into) = 1 then '1 other'
            else count(*) over (partition by merged_into) || ' others'
        end || ': their texts say that they are one product' as cause,
        status,
        confidence
    from {{ ref('int_product_merges') }}
    {% endif %}
)

select
    md5(concat_ws(
        '|',
        feed,
        coalesce(record_key, ''),
        coalesce(occurrence, 0),
        coalesce(column_name, ''),
        coalesce(rule_name, ''),
        action
    )) as repair_id,
    feed,
    record_key,
    cast(occurrence as bigint) as occurrence,
    record_number,
    column_name,
    action,
    found_value,
    proposed_value,
    method,
    rule_name,
    reason,
    cause_id,
    cause,
    status,
    cast(confidence as double) as confidence
from repairs
