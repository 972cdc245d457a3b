{{ repaired(ref('stg_events')) }}
