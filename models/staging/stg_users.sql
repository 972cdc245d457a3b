{{ feed('users') }}
