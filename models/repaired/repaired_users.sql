{{ repaired(ref('stg_users')) }}
