-- depends_on: {{ ref('int_measures') }}
select {{ built_at() }} as built_at
