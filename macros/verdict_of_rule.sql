{#-
What every rule's test asserts: that its verdict is neither `failed` nor `error`. The rule
was evaluated once, in the issue model of its table; the test reads the outcome, so it
never scans a table and never keeps a mart from being built. A waived rule does not fail.
-#}
{% macro verdict_of_rule() %}
    {{- config(fail_calc='coalesce(sum(failing_rows), 0)') -}}
select *
from (
    {{ bad_verdicts() }}
) as bad_verdicts
where rule_name = '{{ model.name }}'
{%- endmacro %}


{#- The rules that fail, of all tables. -#}
{% macro bad_verdicts() %}
    select
        rule_name,
        feed,
        column_name,
        verdict,
        reason,
        rows_checked,
        {#- A rule in error fails the test though no row was counted. -#}
        greatest(coalesce(failing_rows, 0), 1) as failing_rows,
        failure_rate,
        max_rate
    from {{ ref('fct_quality_rules') }}
    where
        verdict in ('failed', 'error')
        and not is_waived
{%- endmacro %}
