{{ issues(ref('stg_recommendations'), ref('stg_products'), ref('stg_users')) }}
