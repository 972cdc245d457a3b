{{ issues(ref('stg_recommendations')) }}
