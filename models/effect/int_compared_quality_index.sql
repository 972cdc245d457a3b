{% set found = {
    'measures': ref('int_measures'), 'rows_checked': ref('int_rows_checked')
} %}
{% set repaired = {
    'measures': ref('int_repaired_measures'),
    'rows_checked': ref('int_repaired_rows_checked')
} %}
{% set states = {
    'before': {'of': found, 'rules': 'paired_rules', 'rows': ref('int_scope_rows')},
    'after': {'of': repaired, 'rules': 'paired_rules', 'rows': 'repaired_scopes'},
    'all after': {'of': repaired, 'rules': none, 'rows': 'repaired_scopes'}
} %}

with paired_rules as (
    {{ compared_rules(ref('int_rules'), found, repaired) }}
),

repaired_scopes as (
    {{ scope_rows(
        ref('int_rules'),
        ref('int_repaired_issues'),
        ref('int_repaired_rows_checked')
    ) }}
)

{% for state, given in states.items() %}
,

rates_{{ loop.index }} as (
    {{ component_rates(
        ref('int_rules'),
        given.of.measures,
        given.of.rows_checked,
        compared_rules=given.rules
    ) }}
),

scores_{{ loop.index }} as (
    {{ dimension_scores('rates_' ~ loop.index) }}
)
{% endfor %}

{% for state, given in states.items() %}
select
    '{{ state }}' as state,
    index_of_scope.*
from (
    {{ quality_index(
        'scores_' ~ loop.index, given.rows, ref('int_index_weights')
    ) }}
) as index_of_scope
{% if not loop.last %}union all{% endif %}
{% endfor %}
