{{ repaired(ref('stg_reviews')) }}
