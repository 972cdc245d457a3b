{%- do only_with_feeds('products') -%}
with products as (
    select * from {{ ref('int_product_texts') }}
),

duplicates as (
    select * from {{ ref('int_product_duplicates') }}
),

-- A decision about one record of a product is one about the product.
decisions as (
    select
        thing as product_id,
        max(decision) as decision,
        max(decided_value) as decided_value,
        max(reason) as reason
    from {{ ref('int_repair_decisions') }}
    where
        feed = 'products'
        and column_name is null
        and cause_id is null
        and state = 'followed'
        and decision in ('accept', 'reject', 'merge')
    group by thing
),

clustered as (
    select
        products.product_id,
        products.record_key,
        duplicates.cluster,
        duplicates.proposed_cluster,
        duplicates.confidence,
        duplicates.proposed_confidence,
        decisions.decision,
        decisions.decided_value,
        decisions.reason,
        decisions.decision = 'reject' as is_rejected
    from products
    left join duplicates on products.product_id = duplicates.product_id
    left join decisions on products.product_id = decisions.product_id
),

-- The product with the first id stands for its cluster, unless it was set apart.
targets as (
    select
        *,
        coalesce(
            min(product_id) filter (where is_rejected is not true)
                over (partition by cluster),
            product_id
        ) as cluster_target,
        coalesce(
            min(product_id) filter (where is_rejected is not true)
                over (partition by proposed_cluster),
            product_id
        ) as proposed_target
    from clustered
),

chosen as (
    select
        *,
        case
            when decision = 'merge' then decided_value
            when cluster is null then product_id
            when cluster_target <> product_id then cluster_target
            -- What is less probable than not is no proposal.
            when proposed_confidence >= 0.5 or decision = 'accept' then proposed_target
            else product_id
        end as merged_into,
        cluster is not null and cluster_target <> product_id as is_automatic
    from targets
),

-- What is decided of a product goes before what is of all that are merged into one.
decided_causes as (
    select
        cause_id,
        decision
    from {{ ref('int_repair_decisions') }}
    where feed = 'products' and state = 'followed' and cause_id is not null
),

decided as (
    select
        chosen.* exclude (decision),
        'near_duplicate:' || chosen.merged_into as cause_id,
        coalesce(chosen.decision, decided_causes.decision) as decision
    from chosen
    left join decided_causes
        on 'near_duplicate:' || chosen.merged_into = decided_causes.cause_id
)

select
    product_id,
    record_key,
    merged_into,
    cause_id,
    case
        when decision = 'merge' then coalesce(reason, 'a person said so')
        else 'its text says that it is the same product'
    end as reason,
    case
        when decision = 'reject' then 'rejected'
        when decision in ('merge', 'accept') or is_automatic then 'applied'
        else 'proposed'
    end as status,
    case
        when decision = 'merge' then 1
        when is_automatic then confidence
        else proposed_confidence
    end as confidence
from decided
where merged_into <> product_id
