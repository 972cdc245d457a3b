{{ issues(ref('stg_users')) }}
