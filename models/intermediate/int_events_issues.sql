{{ issues(ref('stg_events')) }}
