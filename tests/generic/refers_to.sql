{#-
Checks that a key refers to a row of another table. Fails when no row there holds it;
rows in which the key is missing are not checked. `1000.0` and `1000` are one key.

- to: the other table, as in `ref('stg_products')`
- field: its column; default: the same name
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test refers_to(
    model, column_name, to, field=none, max_rate=0, weight=1, floor=none
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro refers_to_takes() %}
    {%- do return({'component': 'relation', 'arguments': {
        'to': 'table required',
        'field': 'column'
    }}) -%}
{% endmacro %}


{% macro refers_to_rule(rule) %}
    {%- set field = rule.arguments.get('field') or rule.column -%}
    {%- set update = {
        'flaw': 'orphan',
        'says': rule.column ~ ' refers to a ' ~ field ~ ' of ' ~ rule.arguments.to,
        'applies': rule.is_present
    } -%}
    {%- set other = other_table(rule, rule.arguments.to, field) -%}
    {%- if other.state != 'ready' -%}
        {%- do update.update(other) -%}
    {%- else -%}
        {%- set key = column_text(field, other.table, 'other') -%}
        {%- do update.update({
            'reads': [other.unique_id],
            'fails': 'not exists (select 1 from ' ~ other.from_sql ~ ' as other where '
                ~ key.as_key ~ ' = ' ~ rule.as_key ~ ')'
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
