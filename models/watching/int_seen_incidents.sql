{{ config(
    materialized='incremental',
    unique_key='incident_id',
    incremental_strategy='delete+insert',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}
{#- What is kept here no build can find again. -#}
{% set kept_columns = [
    'feed', 'measure', 'rule_name', 'column_name', 'direction', 'first_day', 'last_day',
    'found', 'expected', 'expected_low', 'expected_high', 'size', 'little_history',
    'slice_type', 'slice_value', 'explained_share', 'summary'
] %}

with incidents as (
    select * from {{ ref('fct_quality_incidents') }}
),

seen_before as (
    {%- if is_incremental() %}
    select * from {{ this }}
    union all by name
    {%- endif %}
    select
        incidents.*,
        cast(null as timestamp) as first_seen,
        cast(null as timestamp) as last_seen,
        cast(null as timestamp) as resolved_at,
        cast(null as varchar) as resolution
    from incidents
    where false
),

compared as (
    select
        coalesce(incidents.incident_id, seen_before.incident_id) as incident_id,
        {%- for column in kept_columns %}
        case
            when incidents.incident_id is null then seen_before.{{ column }}
            else incidents.{{ column }}
        end as {{ column }},
        {%- endfor %}
        incidents.incident_id is not null as is_found,
        coalesce(incidents.is_open, false) as is_open,
        seen_before.incident_id is not null as was_seen,
        coalesce(seen_before.is_open, false) as was_open,
        seen_before.first_seen,
        seen_before.last_seen,
        seen_before.resolved_at,
        seen_before.resolution
    from incidents
    full join seen_before
        on incidents.incident_id = seen_before.incident_id
)

select
    incident_id,
    {%- for column in kept_columns %}
    {{ column }},
    {%- endfor %}
    is_open,
    coalesce(least(first_seen, {{ as_of() }}), {{ as_of() }}) as first_seen,
    -- What is over is not seen any more, though its days still show it.
    case
        when is_open then greatest(coalesce(last_seen, {{ as_of() }}), {{ as_of() }})
        else coalesce(last_seen, {{ as_of() }})
    end as last_seen,
    case
        when is_open then null
        when was_open or not was_seen then {{ as_of() }}
        else resolved_at
    end as resolved_at,
    case
        when is_open then null
        when was_seen and not was_open then resolution
        when is_found then 'ended'
        else 'no longer found'
    end as resolution
from compared
{% if flags.EMPTY %}
-- A build without rows says nothing of what there is.
where false
{% endif %}
