{#-
Checks that the rules that only warn are within their limits. Fails for each that is not,
or is in error, and is not waived. In a run in which this test is selected those rules'
own tests pass in silence, and the end of the run lists them, a line each: one warning
instead of one for each rule. A rule that is a gate (`severity: error`) fails by itself.
-#}
{% test rules_within_limits(model) %}
select bad_rules.*
from (
    {{ assay.bad_rules(model) }}
) as bad_rules
inner join {{ ref('assay', 'dim_quality_rules') }} as described
    on bad_rules.rule_name = described.rule_name
where described.severity = 'warn'
{% endtest %}
