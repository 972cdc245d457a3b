{{ feed('reviews') }}
