select cast(unnest(
    range(date '2000-01-01', date '2050-01-01', interval 1 day)
) as date) as date_day
