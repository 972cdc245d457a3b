{{ config(enabled=var('metrics', false) | as_bool) }}

select cast(days.range as date) as date_day
from range(date '2000-01-01', date '2050-01-01', interval 1 day) as days
