{#-
What every rule's test asserts: that its verdict is neither `failed` nor `error`, nor `not
measured` where the var `not_measured` says that it fails. The rule
was evaluated once, in the issue model of its table; the test reads the outcome, so it
never scans a table and never keeps a mart from being built. A waived rule does not fail.
-#}
{% macro verdict_of_rule() %}
    {{- config(fail_calc='coalesce(sum(failing_rows), 0)') -}}
    {%- set table = tested_table(model) -%}
    {%- set bad = ['failed', 'error'] + (['not measured'] if not_measured_fails(
        table[4:] if table.startswith('stg_') else table) else []) -%}
select
    rule_name,
    feed,
    column_name,
    verdict,
    reason,
    rows_checked,
    {#- A rule that could not be measured fails the test though no row was counted. -#}
    greatest(coalesce(failing_rows, 0), 1) as failing_rows,
    failure_rate,
    max_rate
from {{ ref('fct_quality_rules') }}
where
    rule_name = '{{ model.name }}'
    and verdict in ('{{ bad | join("', '") }}')
    and not is_waived
{%- endmacro %}
