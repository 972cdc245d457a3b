{{ feed('relevance_labels') }}
