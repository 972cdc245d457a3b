{{ issues(
    ref('stg_events'), ref('stg_products'), ref('stg_queries'), ref('stg_users')
) }}
