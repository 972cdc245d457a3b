{{ repaired(ref('stg_queries')) }}
