{{ feed('queries') }}
