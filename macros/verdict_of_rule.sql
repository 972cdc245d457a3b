{#-
What every rule's test asserts: that its verdict is neither `failed` nor `error`, nor `not
measured` where the var `not_measured` says that it fails. The rule
was evaluated once, in the issue model of its table; the test reads the outcome, so it
never scans a table and never keeps a mart from being built. A waived rule does not fail.
One that only warns leaves that to `rules_within_limits` where this is part of the run.
-#}
{% macro verdict_of_rule() %}
    {%- set told_together = [] -%}
    {%- for selected in selected_resources
        if '.rules_within_limits.' in selected and config.get('severity') | lower == 'warn'
    -%}
        {%- do told_together.append(selected) -%}
    {%- endfor -%}
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
    {%- if told_together %}
    -- Told by {{ told_together | first }}.
    and false
    {%- endif %}
{%- endmacro %}
