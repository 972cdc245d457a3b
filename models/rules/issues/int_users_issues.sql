{{ issues(ref('stg_users'), ref('stg_events')) }}
