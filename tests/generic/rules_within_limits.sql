{#-
Checks that the rules that only warn are within their limits. Fails for each that is not,
or is in error, and is not waived. In a run in which this test is selected those rules'
own tests pass in silence, and the end of the run lists them, a line each: one warning
instead of one for each rule. A rule that is a gate (`severity: error`) fails by itself.
-#}
{% test rules_within_limits(model) %}
select
    rules.rule_name,
    rules.feed,
    rules.failure_rate,
    rules.max_rate
from {{ ref('fct_quality_rules') }} as rules
inner join {{ ref('dim_quality_rules') }} as described
    on rules.rule_name = described.rule_name
where
    (
        rules.verdict in ('failed', 'error')
        {%- for feed in watched_tables() if not_measured_fails(feed) %}
        or (rules.verdict = 'not measured' and rules.feed = {{ literal(feed) }})
        {%- endfor %}
    )
    and not rules.is_waived
    and described.severity = 'warn'
{% endtest %}
