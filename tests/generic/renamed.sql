{#- The old name of a rule says the new one, for one version. -#}
{% test not_annulled(model, by=none, key=none, amount=none, at=none, max_rate=0, weight=1,
    floor=none) %}
    {%- do exceptions.raise_compiler_error('The rule not_annulled is called not_cancelled'
        ~ ' since 0.4; its arguments are the same.') -%}
{% endtest %}
