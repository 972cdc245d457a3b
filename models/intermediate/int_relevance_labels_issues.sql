{{ issues(ref('stg_relevance_labels')) }}
