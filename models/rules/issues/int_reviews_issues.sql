{{ issues(ref('stg_reviews'), ref('stg_products'), ref('stg_users')) }}
