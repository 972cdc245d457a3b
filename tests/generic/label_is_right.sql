{#-
Checks that a label is what the text beside it says. `python_ml` learns from all rows of
the table which text has which label, and finds the rows it would label otherwise. Fails
for a row whose label is more likely wrong than a person would let pass; the rate is the
estimated share of wrong labels with its own interval, whichever rows are suspected.
Letter case and white space aside, and rows without a label or a text are not checked. Not
measured where there is nothing to learn from: few rows, or one label only.

- text: the column, or list of columns, that the label is about; of a list the columns
  that are not supplied are left out
- max_rate: estimated share of wrong labels up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test label_is_right(model, column_name, text, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro label_is_right_takes() %}
    {%- do return({'component': 'label', 'texts': ['text'], 'arguments': {
        'text': 'columns required'
    }}) -%}
{% endmacro %}
