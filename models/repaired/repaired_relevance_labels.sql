{{ repaired(ref('stg_relevance_labels')) }}
