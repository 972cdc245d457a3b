{#-
Small tests for what dbt does not bring. Each returns the row and the value found.
-#}
{% macro is_missing(value) -%}
    ({{ value }} is null or lower(trim({{ value }})) in (
        '', 'n/a', 'na', 'null', 'none', 'nil', 'nan', 'unknown', 'undefined', '-', '--',
        '?', 'tbd', '无', '未知', '空', '暂无', '不详'
    ))
{%- endmacro %}


{% test not_missing(model, column_name) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where {{ is_missing('cast(' ~ column_name ~ ' as varchar)') }}
{% endtest %}


{% test in_format(model, column_name, pattern=none, min=none, max=none) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where
    {%- if pattern %}
    not regexp_matches(cast({{ column_name }} as varchar), '{{ pattern }}')
    {%- elif max is none %}
    {{ column_name }} < {{ min }}
    {%- else %}
    try_cast({{ column_name }} as double) not between {{ min }} and {{ max }}
    {%- endif %}
{% endtest %}


{% test in_present_format(model, column_name, pattern=none, values=none) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where
    not {{ is_missing(column_name) }}
    {%- if pattern %}
    and not regexp_matches({{ column_name }}, '{{ pattern }}')
    {%- else %}
    and {{ column_name }} not in ('{{ values | join("', '") }}')
    {%- endif %}
{% endtest %}


{% test clean_text(model, column_name) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where
    not {{ is_missing(column_name) }}
    and regexp_matches(
        {{ column_name }},
        '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{fffd}]'
        '|[ÂÃ][\x{a0}-\x{bf}ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]'
        '|â€|ï¿½|ï»¿|ðŸ|[äåæçèé][\x{a0}-\x{bf}€™œ][\x{a0}-\x{bf}€™œ]'
        '|</?[A-Za-z][^<>]*>'
        '|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#x[0-9a-fA-F]{1,6});'
        '|  |^[\s\x{3000}\x{a0}]|[\s\x{3000}\x{a0}]$'
    )
{% endtest %}


{% test one_spelling(model, column_name) %}
with spellings as (
    select {{ column_name }} as spelling, count(*) as times
    from {{ model }}
    where not {{ is_missing(column_name) }}
    group by spelling
),
rarer as (
    select spelling
    from spellings
    qualify times < max(times) over (partition by lower(spelling))
)
select rowid as row_number, {{ column_name }}
from {{ model }}
where {{ column_name }} in (select spelling from rarer)
{% endtest %}


{% test agrees(model, column_name, key, tolerance=none) %}
{%- set fact = "lower(regexp_replace(trim(" ~ column_name ~ "), '\s+', ' ', 'g'))" %}
{%- set present = 'not ' ~ is_missing('cast(' ~ column_name ~ ' as varchar)') %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where {{ present }} and {{ key }} in (
    select {{ key }}
    from {{ model }}
    where {{ present }}
    group by {{ key }}
    {%- if tolerance is none %}
    having min({{ fact }}) <> max({{ fact }})
    {%- else %}
    having max({{ column_name }}) - min({{ column_name }}) > {{ tolerance }}
    {%- endif %}
)
{% endtest %}


{% test unique_combination(model, columns, key) %}
select *
from (
    select
        rowid as row_number,
        {{ columns | join(', ') }},
        row_number() over (partition by {{ columns | join(', ') }} order by {{ key }})
            as occurrence
    from (
        select *, rowid
        from {{ model }}
        qualify row_number() over (partition by {{ key }}) = 1
    )
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}not {{ is_missing('cast(' ~ column ~ ' as varchar)') }}
        {%- endfor %}
)
where occurrence > 1
{% endtest %}


{% test not_after(model, column_name, other=none, moment=none) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where {{ column_name }} > {{ other or "timestamp '" ~ moment ~ "'" }}
{% endtest %}


{% test not_before(model, column_name, moment) %}
select rowid as row_number, {{ column_name }}
from {{ model }}
where {{ column_name }} < timestamp '{{ moment }}'
{% endtest %}


{% test covers(model, column_name, expected, field) %}
select distinct {{ field }}
from {{ expected }}
where not {{ is_missing(field) }} and {{ field }} not in (
    select {{ column_name }} from {{ model }} where {{ column_name }} is not null
)
{% endtest %}


{% test covers_days(model, column_name, until) %}
select expected
from (
    select unnest(generate_series(
        min({{ column_name }})::date, date '{{ until }}' - 1, interval 1 day
    ))::date as expected
    from {{ model }}
    where {{ column_name }} < date '{{ until }}'
)
where expected not in (
    select {{ column_name }}::date from {{ model }} where {{ column_name }} is not null
)
{% endtest %}


{% test newest_within(model, column_name, moment, cycle) %}
select newest
from (
    select max({{ column_name }}) as newest
    from {{ model }}
    where {{ column_name }} <= timestamp '{{ moment }}'
)
where timestamp '{{ moment }}' - newest > interval '{{ cycle }}'
{% endtest %}
