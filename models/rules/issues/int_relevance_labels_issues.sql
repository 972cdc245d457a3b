{{ issues(ref('stg_relevance_labels'), ref('stg_products'), ref('stg_queries')) }}
