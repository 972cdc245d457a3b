{#-
Checks that a thing is in the category that its text says. Like `label_is_right`, with
categories that may be paths such as `A > B > C`: of a suspected one it is said at which
level it is wrong.

- text: the column, or list of columns, that describes the thing; of a list the columns
  that are not supplied are left out
- max_rate: estimated share of wrong categories up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test category_is_right(model, column_name, text, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro category_is_right_takes() %}
    {%- do return({'component': 'class', 'texts': ['text'], 'arguments': {
        'text': 'columns required'
    }}) -%}
{% endmacro %}
