{{ repaired(ref('stg_products')) }}
