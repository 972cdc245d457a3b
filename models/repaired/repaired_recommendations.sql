{{ repaired(ref('stg_recommendations')) }}
