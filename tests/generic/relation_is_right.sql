{#-
Checks that a label about two texts, such as how well a product answers a query, is what
the two say. Like `label_is_right`, for two texts.

- left, right: a text of this row, by its column or list of columns; or the text of
  another table's row, as in `{to: ref('stg_queries'), field: query_text, key: query_id}`,
  where `key` is the column, or list of columns, that both tables have
- max_rate: estimated share of wrong labels up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test relation_is_right(
    model, column_name, left, right, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro relation_is_right_takes() %}
    {%- do return({'component': 'relation', 'texts': ['left', 'right'], 'arguments': {
        'left': 'texts required',
        'right': 'texts required'
    }}) -%}
{% endmacro %}
