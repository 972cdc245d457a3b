{#-
What every rule's test asserts: that its verdict is neither `failed` nor `error`, nor `not
measured` where the var `not_measured` says that it fails. The rule
was evaluated once, in the issue model of its table; the test reads the outcome, so it
never scans a table and never keeps a mart from being built. A waived rule does not fail.
One that only warns leaves that to `rules_within_limits` where this is part of the run.
-#}
{% macro verdict_of_rule() %}
    {{- config(fail_calc='coalesce(sum(failing_rows), 0)') -}}
    {%- set told = verdicts_that_fail() -%}
select *
from (
    {{ verdicts_of_rules() }}
) as verdicts_of_rules
where
    rule_name = '{{ model.name }}'
    and verdict in ('{{ told | join("', '") }}')
{%- endmacro %}


{#- The verdicts at which the test fails that is run; none where others tell them. -#}
{% macro verdicts_that_fail() %}
    {%- for selected in selected_resources
        if '.rules_within_limits.' in selected and config.get('severity') | lower == 'warn'
    -%}
        {%- do return([]) -%}
    {%- endfor -%}
    {%- set table = tested_table(model) -%}
    {%- do return(['failed', 'error'] + (['not measured'] if not_measured_fails(
        table[4:] if table.startswith('stg_') else table) else [])) -%}
{% endmacro %}


{#- The rules that do not pass, of all tables. -#}
{% macro verdicts_of_rules() %}
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
        verdict in ('failed', 'error', 'not measured')
        and not is_waived
{%- endmacro %}
