{#-
SQL of the cause that a row of the seed `repair_decisions` names: none in a seed that was
written before causes could be named.
-#}
{% macro decided_cause() %}
    {%- if execute and 'cause_id' in adapter.get_columns_in_relation(
        ref('repair_decisions')) | map(attribute='name') -%}
        {%- do return('cause_id') -%}
    {%- endif -%}
    {%- do return('cast(null as varchar)') -%}
{% endmacro %}
