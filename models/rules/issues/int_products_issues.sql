{{ issues(ref('stg_products')) }}
