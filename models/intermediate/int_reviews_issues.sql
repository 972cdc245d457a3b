{{ issues(ref('stg_reviews')) }}
