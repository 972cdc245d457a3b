{#-
What every rule's test asserts: that the rule is not among `bad_rules`. The rule was
evaluated once, in the issue model of its table; the test reads the outcome, so it never
scans a table and never keeps a mart from being built. A rule that only warns leaves that
to `rules_within_limits` where this is part of the run. Rules warn; ASSAY_GATE=error, or the
severity that the YAML of one names, makes them gates.
-#}
{% macro verdict_of_rule() %}
    {{- config(severity=env_var('ASSAY_GATE', 'warn')) -}}
    {%- if model.test_metadata.namespace == 'assay' or assay.is_dispatched() -%}
        {{- config(fail_calc='coalesce(sum(failing_rows), 0)') -}}
    {%- endif -%}
    {%- set told_together = [] -%}
    {%- for selected in selected_resources
        if '.rules_within_limits.' in selected
        and config.get('severity') | lower == 'warn'
    -%}
        {%- do told_together.append(selected) -%}
    {%- endfor %}
select *
from (
    {{ assay.bad_rules(ref('assay', 'fct_quality_rules')) }}
) as bad_rules
where
    rule_name = '{{ model.name }}'
    {%- if told_together %}
    -- Told by {{ told_together | first }}.
    and false
    {%- endif %}
{%- endmacro %}


{#-
The rules whose verdict is `failed` or `error`, or `not measured` where the var
`not_measured` says that it fails, and that are not waived; `mart` is fct_quality_rules.
-#}
{% macro bad_rules(mart) %}
    {%- set must_be_measured = [] -%}
    {#- Asked by each of thousands of tests: by default there is nothing to ask. -#}
    {%- for feed in (assay.watched_tables() if assay.setting('not_measured') != 'pass'
        else [])
        if assay.not_measured_fails(feed) -%}
        {%- do must_be_measured.append(assay.literal(feed)) -%}
    {%- endfor %}
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
        rate_low,
        rate_high,
        max_rate,
        feed_index_gain,
        shop_index_gain
    from {{ mart }}
    where
        not is_waived
        and (
            verdict in ('failed', 'error')
            {%- if must_be_measured %}
            or (
                verdict = 'not measured'
                and feed in ({{ must_be_measured | join(', ') }})
            )
            {%- endif %}
        )
{%- endmacro %}


{#-
Whether a test of dbt is found in this package by the name of dbt's: this is the project, or
the project says so under `dispatch`. Otherwise it scans its table as dbt's own does.
-#}
{% macro is_dispatched() %}
    {%- do return(
        adapter.dispatch('test_not_null', 'dbt').macro.package_name == 'assay') -%}
{% endmacro %}
