{%- do only_with_feeds('users') -%}
{% set profile = [] %}
{% for column in ['email', 'phone', 'gender', 'birth_year', 'city'] %}
{% if supplies('users', column) %}
{% do profile.append('count(' ~ repaired_key('users', column) ~ ')') %}
{% endif %}
{% endfor %}
with events as (
    select *
    from {{ ref('int_behaviour_events') }}
    where user_id is not null
),

profiles as (
    select
        {{ repaired_key('users', 'user_id') }} as user_id,
        least(
            1.0,
            ({{ (profile or ['null']) | join(' + ') }}) / {{ profile | length or 1 }}
        ) as profile_completeness
    from {{ ref('repaired_users') }} as other
    where {{ repaired_key('users', 'user_id') }} is not null
    group by all
),

-- Rows that a rule of pace finds fault with, where one of them could look.
pace_rules as (
    select rules.rule_name
    from {{ ref('int_rules') }} as rules
    inner join {{ ref('int_measures') }} as measures
        on rules.rule_name = measures.rule_name
    where
        rules.rule_kind = 'in_pace'
        and rules.feed = 'events'
        and measures.slice_type = 'all'
        and measures.rows_checked > 0
),

machine_rows as (
    select distinct issues.record_number
    from {{ ref('int_events_issues') }} as issues
    inner join pace_rules on issues.rule_name = pace_rules.rule_name
),

-- The currency of most purchases of a user: sums of several mean nothing.
currencies as (
    select
        user_id,
        currency,
        sum(amount) as spend
    from events
    where amount is not null
    group by user_id, currency
    qualify
        row_number() over (
            partition by user_id
            order by count(*) desc, currency nulls last
        ) = 1
),

favourites as (
    select
        user_id,
        mode(category order by category) as favourite_category,
        mode(brand order by brand) as favourite_brand
    from events
    group by user_id
),

shares as (
    select
        events.user_id,
        favourites.favourite_category,
        favourites.favourite_brand,
        count(*) filter (where events.category = favourites.favourite_category)
        / nullif(count(events.category), 0) as favourite_category_share,
        count(*) filter (where events.brand = favourites.favourite_brand)
        / nullif(count(events.brand), 0) as favourite_brand_share
    from events
    inner join favourites on events.user_id = favourites.user_id
    group by
        events.user_id, favourites.favourite_category, favourites.favourite_brand
),

-- Whether what was looked at was bought, product by product.
looked_at as (
    select
        user_id,
        product_id,
        bool_or(is_purchase) as is_bought
    from events
    where product_id is not null
    group by user_id, product_id
    having bool_or(is_view)
),

bought as (
    select
        user_id,
        avg(cast(is_bought as integer)) as view_to_purchase_rate
    from looked_at
    group by user_id
),

counted as (
    select
        events.user_id,
        min(events.occurred_at) as first_event_at,
        max(events.occurred_at) as last_event_at,
        max(events.occurred_at) filter (where events.is_purchase) as last_purchase_at,
        count(*) as events,
        count(*) filter (where events.is_purchase) as purchase_rows,
        -- One basket is one purchase, however many products are in it.
        count(
            distinct case
                when events.is_purchase
                    then coalesce(
                            's' || events.session_id,
                            't' || cast(events.occurred_at as varchar),
                            'e' || events.record_number
                        )
            end
        ) as purchases,
        count(*) filter (where events.is_purchase and events.amount is null)
            as unpriced_purchases,
        nullif(count(distinct events.session_id), 0) as sessions,
        count(events.session_id) as events_in_sessions,
        count(events.query_id) / count(*) as search_share,
        count(machine_rows.record_number) as machine_like_events
    from events
    left join machine_rows on events.record_number = machine_rows.record_number
    group by events.user_id
),

known as (
    select
        coalesce(profiles.user_id, counted.user_id) as user_id,
        profiles.user_id is not null as has_profile,
        profiles.profile_completeness,
        currencies.currency,
        currencies.spend,
        coalesce(counted.events, 0) as events,
        coalesce(counted.purchases, 0) as purchases,
        counted.* exclude (user_id, events, purchases),
        date_diff('day', counted.last_event_at, {{ as_of() }}) as days_since_last_event,
        date_diff('day', counted.last_purchase_at, {{ as_of() }}) as recency_days
    from counted
    full join profiles on counted.user_id = profiles.user_id
    left join currencies on counted.user_id = currencies.user_id
),

{% set fifths = {
    'recency': ['recency_days', 'desc', 'buyer'],
    'frequency': ['purchases', 'asc', 'buyer'],
    'monetary': ['spend', 'asc', 'currency']
} %}

-- Where each stands among those who bought (or paid in the same currency), from 0 to 1;
-- users with the same value stand at the same place.
placed as (
    select
        known.*,
    {% for name, (column, direction, among) in fifths.items() %}
    count({{ column }}) over (partition by {{ among }}) as {{ name }}_users,
    (
        rank() over (
            partition by {{ among }} order by {{ column }} {{ direction }} nulls last
            ) - 1
        + 0.5 * count(*) over (partition by {{ among }}, {{ column }})
    ) / nullif(count({{ column }}) over (partition by {{ among }}), 0)
        as {{ name }}_place{{ ',' if not loop.last }}
    {% endfor %}
    from (
        select
            *,
            purchases > 0 as buyer
        from known
    ) as known
),

ranked as (
    select
        *,
    {% for name, (column, direction, among) in fifths.items() %}
    case
        when buyer and {{ column }} is not null and {{ name }}_users >= 5
            then cast(least(floor(5 * {{ name }}_place), 4) + 1 as integer)
    end as {{ name }}_quintile{{ ',' if not loop.last }}
    {% endfor %}
    from placed
)

select
    ranked.user_id,
    case
        when ranked.events = 0 then 'inactive'
        when ranked.purchases = 0 then 'browsing'
        when ranked.recency_quintile is null then null
        when ranked.recency_quintile >= 4 and ranked.purchases = 1 then 'new'
        when ranked.recency_quintile >= 4
            and ranked.frequency_quintile
            + coalesce(ranked.monetary_quintile, ranked.frequency_quintile) >= 8
            then 'champion'
        when
            ranked.recency_quintile >= 3 and ranked.frequency_quintile >= 3
            then 'loyal'
        when ranked.recency_quintile >= 3 then 'promising'
        when ranked.frequency_quintile >= 4 then 'at risk'
        else 'dormant'
    end as segment,
    nullif(
        concat_ws(
            ' ',
            case when not ranked.has_profile then 'Not in the feed of users.' end,
            case
                when ranked.purchases > 0 and ranked.recency_days is null
                    then 'No purchase has a time.'
                when ranked.purchases > 0 and ranked.recency_quintile is null
                    then 'Fewer than five users bought: there are no fifths of them.'
            end,
            case
                when ranked.unpriced_purchases > 0
                    then
                        'Rows of purchases without a price, left out of spend: '
                        || ranked.unpriced_purchases || '.'
            end,
            case
                when not exists (select 1 from pace_rules)
                    then 'No rule of pace could look at the events.'
            end
        ),
        ''
    ) as note,
    shares.favourite_category,
    shares.favourite_brand,
    ranked.currency,
    cast(ranked.recency_days as integer) as recency_days,
    cast(ranked.days_since_last_event as integer) as days_since_last_event,
    ranked.recency_quintile,
    ranked.frequency_quintile,
    ranked.monetary_quintile,
    cast(ranked.events as bigint) as events,
    cast(ranked.purchases as bigint) as purchases,
    round(cast(ranked.spend as double), 6) as spend,
    cast(ranked.sessions as bigint) as sessions,
    ranked.events_in_sessions / cast(ranked.sessions as double) as events_per_session,
    cast(ranked.search_share as double) as search_share,
    cast(bought.view_to_purchase_rate as double) as view_to_purchase_rate,
    cast(shares.favourite_category_share as double) as favourite_category_share,
    cast(shares.favourite_brand_share as double) as favourite_brand_share,
    cast(ranked.profile_completeness as double) as profile_completeness,
    case
        when ranked.events > 0 and exists (select 1 from pace_rules)
            then ranked.machine_like_events > 0
    end as is_machine_like,
    ranked.first_event_at,
    ranked.last_event_at
from ranked
left join shares on ranked.user_id = shares.user_id
left join bought on ranked.user_id = bought.user_id
