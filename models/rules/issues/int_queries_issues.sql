{{ issues(ref('stg_queries')) }}
