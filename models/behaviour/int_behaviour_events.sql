{%- do only_with_feeds('events') -%}
with events as (
    select
        other.record_number,
        {{ repaired_key('events', 'event_id') }} as event_id,
        {{ repaired_key('events', 'user_id') }} as user_id,
        {{ repaired_key('events', 'session_id') }} as session_id,
        {{ repaired_key('events', 'query_id') }} as query_id,
        {{ repaired_key('events', 'product_id') }} as product_id,
        other.event_type,
        other.occurred_at,
        other.price * coalesce(other.quantity, 1) as amount
    from {{ ref('repaired_events') }} as other
    where other.occurred_at is null or other.occurred_at <= {{ as_of() }}
),

crosswalk as (
    select * from {{ ref('int_product_crosswalk') }}
),

products as (
    select * from {{ ref('repaired_integrated_products') }}
)

select
    events.record_number,
    events.event_id,
    events.user_id,
    events.session_id,
    events.query_id,
    products.product_id,
    events.event_type,
    nullif(trim(products.category), '') as category,
    nullif(trim(products.brand), '') as brand,
    nullif(trim(products.currency), '') as currency,
    case
        when events.event_type = 'purchase' and events.amount > 0 then events.amount
    end as amount,
    coalesce(events.event_type in ('view', 'click'), false) as is_view,
    coalesce(events.event_type = 'purchase', false) as is_purchase,
    events.occurred_at
from events
left join crosswalk on events.product_id = crosswalk.product_id
left join products on crosswalk.integrated_product_id = products.product_id
