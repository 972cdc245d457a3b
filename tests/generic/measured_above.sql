{#-
Checks how much of the table it stands on, or of the whole shop where it stands on
`fct_quality_index`, was measured. Fails when that share of the weight is under its floor,
for a table that has rows: an index of the little that was measured says nothing of the
rest.

- floor: the least share of the weight that passes, 0 to 1
-#}
{% test measured_above(model, floor) %}
    {{ index_scope(context.model, floor) }}
    and measured_weight < {{ floor }}
    and rows_checked > 0
{% endtest %}
