{#-
How many rows of one watched table each rule checks, by slice: one row per rule and
slice, and with a null rule_name the count of all rows. Rules that check the same rows
share a count, and one pass over the table makes them all.
-#}
{% macro rows_checked(feed, known) %}
    {%- set table = assay.watched_table(feed, known) -%}
    {%- set slices = assay.slices(table) -%}
    {%- set populations, newest = ['true'], [] -%}
    {%- set counted, expected, judged = [[none, 0]], [], [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {%- if rule.expected -%}
            {%- do expected.append(rule) -%}
        {%- elif rule.judged -%}
            {%- do judged.append(rule) -%}
        {%- elif rule.newest -%}
            {%- do newest.append(rule) -%}
        {%- else -%}
            {%- set population = assay.population(rule) -%}
            {%- if population not in populations -%}
                {%- do populations.append(population) -%}
            {%- endif -%}
            {%- do counted.append([rule.name, populations.index(population)]) -%}
        {%- endif -%}
    {%- endfor %}

with watched as {{ assay.watched_rows(assay.tested_relation(table), table) }},

-- By the values as they are: to make a text of each is left to fewer rows.
counted as (
    select
        {%- for slice in ['source_system', 'category', 'day'] %}
        {{ slices.get(slice, assay.literal(none)) }} as {{ slice }},
        {%- endfor %}
        {%- for population in populations %}
        count(*){% if population != 'true' %} filter (where {{ population }}){% endif
            %} as rows_{{ loop.index0 }},
        {%- endfor %}
        {%- for rule in newest %}
        max({{ rule.newest }}) filter (
            where {{ rule.newest }} <= {{ assay.as_of() }}
            {%- if rule.where %} and ({{ rule.where }}){% endif %}
        ) as newest_{{ loop.index0 }},
        count(*){% if rule.where %} filter (where {{ rule.where }}){% endif
            %} as kept_{{ loop.index0 }},
        {%- endfor %}
        count(*) as row_count
    from watched
    group by all
),

tallied as (
    select
        * replace (
            {%- for slice in ['source_system', 'category', 'day'] %}
            coalesce(cast({{ slice }} as varchar), '(missing)') as {{ slice }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        )
    from counted
),

sliced as (
    select
        coalesce({% for slice in slices
            %}case when grouping({{ slice }}) = 0 then '{{ slice }}' end, {% endfor
            %}'all') as slice_type,
        coalesce({% for slice in slices
            %}case when grouping({{ slice }}) = 0 then {{ slice }} end, {% endfor
            %}cast(null as varchar)) as slice_value,
        {%- for population in populations %}
        cast(coalesce(sum(rows_{{ loop.index0 }}), 0) as bigint) as rows_{{ loop.index0
            }},
        {%- endfor %}
        {%- for rule in newest %}
        max(newest_{{ loop.index0 }}) as newest_{{ loop.index0 }},
        sum(kept_{{ loop.index0 }}) as kept_{{ loop.index0 }},
        {%- endfor %}
        sum(row_count) as row_count
    from tallied
    group by grouping sets (
        (){% for slice in slices %}, ({{ slice }}){% endfor %}
    )
)

-- One select for all rules: of hundreds of tables, a select per rule takes its time.
select
    {{ assay.literal(feed) }} as feed,
    unnest([{% for rule, population in counted %}{{ assay.literal(rule)
        }}{{ ', ' if not loop.last }}{% endfor %}]) as rule_name,
    slice_type,
    slice_value,
    unnest([{% for rule, population in counted %}rows_{{ population
        }}{{ ', ' if not loop.last }}{% endfor %}]) as rows_checked,
    cast(null as timestamp) as newest_at
from sliced
{%- for rule in newest %}
union all
select
    {{ assay.literal(feed) }},
    {{ assay.literal(rule.name) }},
    slice_type,
    slice_value,
    -- A table or a system without times was not updated.
    cast(
        slice_type = 'all' or newest_{{ loop.index0 }} is not null
        or (kept_{{ loop.index0 }} > 0 and slice_value <> '(missing)') as bigint
    ),
    newest_{{ loop.index0 }}
from sliced
where slice_type in ('all', 'source_system')
{%- endfor %}
{%- for rule in expected %}
union all
select
    {{ assay.literal(feed) }},
    {{ assay.literal(rule.name) }},
    'all',
    null,
    count(*),
    null
from ({{ rule.expected }}) as expected
{%- endfor %}
{%- for rule in judged %}
union all
select
    {{ assay.literal(feed) }},
    {{ assay.literal(rule.name) }},
    {%- if rule.judged_by %}
    case when grouping(source_system) = 0 then 'source_system' else 'all' end,
    case when grouping(source_system) = 0 then coalesce(source_system, '(missing)') end,
    {%- else %}
    'all',
    null,
    {%- endif %}
    count(*),
    null
from ({{ rule.judged }}) as judged
{%- if rule.judged_by %}
group by grouping sets ((), (source_system))
{%- endif %}
{%- endfor %}
{% endmacro %}
