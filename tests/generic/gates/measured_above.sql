{#-
Checks how much of the table it stands on, or of the whole shop where it stands on
`fct_quality_index`, was measured. Fails when that share of the weight is under its floor:
an index of the little that was measured says nothing of the rest. A feed that is not
supplied fails only where the var `not_measured` says so.

- floor: the least share of the weight that passes, 0 to 1
-#}
{% test measured_above(model, floor) %}
    {%- set scope = assay.index_scope(context.model, floor) %}
{{ scope.row }}
where
    {{ 'true' if scope.is_judged else 'false' }}
    and coalesce(quality_index.measured_weight, 0) < {{ floor }}
{% endtest %}
