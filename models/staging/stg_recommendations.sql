{{ feed('recommendations') }}
