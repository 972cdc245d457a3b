{#-
What each kind of rule takes, by the name of its test: `component`; `arguments`, name -> what
it must be; `packages` of a test that belongs to others; and `texts`, which arguments name
the texts, of a kind that python_ml evaluates. Kinds are written out, here and in
rule_of_kind(), so that dbt sees which models a changed kind changes. A kind of one's own is
a test with the macros `<test>_takes` and `<test>_rule` beside it in the project.
-#}
{% macro kinds_of_rules() %}
    {%- do return({
        'accepted_range': assay.accepted_range_takes(),
        'accepted_values': assay.accepted_values_takes(),
        'agrees_with': assay.agrees_with_takes(),
        'category_is_right': assay.category_is_right_takes(),
        'covers': assay.covers_takes(),
        'expect_column_values_to_be_between':
            assay.expect_column_values_to_be_between_takes(),
        'expect_column_values_to_be_in_set':
            assay.expect_column_values_to_be_in_set_takes(),
        'expect_column_values_to_match_regex':
            assay.expect_column_values_to_match_regex_takes(),
        'expect_column_values_to_not_be_null':
            assay.expect_column_values_to_not_be_null_takes(),
        'expect_compound_columns_to_be_unique':
            assay.expect_compound_columns_to_be_unique_takes(),
        'expect_table_row_count_to_be_between':
            assay.expect_table_row_count_to_be_between_takes(),
        'expression_is_true': assay.expression_is_true_takes(),
        'holds': assay.holds_takes(),
        'in_format': assay.in_format_takes(),
        'in_order': assay.in_order_takes(),
        'in_pace': assay.in_pace_takes(),
        'in_sequence': assay.in_sequence_takes(),
        'label_is_right': assay.label_is_right_takes(),
        'not_accepted_values': assay.not_accepted_values_takes(),
        'not_cancelled': assay.not_cancelled_takes(),
        'not_empty_string': assay.not_empty_string_takes(),
        'not_missing': assay.not_missing_takes(),
        'not_null': assay.not_null_takes(),
        'not_null_proportion': assay.not_null_proportion_takes(),
        'not_repeated': assay.not_repeated_takes(),
        'refers_to': assay.refers_to_takes(),
        'relation_is_right': assay.relation_is_right_takes(),
        'relationships': assay.relationships_takes(),
        'relationships_where': assay.relationships_where_takes(),
        'row_count': assay.row_count_takes(),
        'share_of_value': assay.share_of_value_takes(),
        'told_apart': assay.told_apart_takes(),
        'unique': assay.unique_takes(),
        'unique_combination_of_columns': assay.unique_combination_of_columns_takes(),
        'updated_every': assay.updated_every_takes(),
        'valid_for': assay.valid_for_takes()
    }) -%}
{% endmacro %}


{#- What a kind takes; none where it is no kind of rule. -#}
{% macro takes_of_kind(kind) %}
    {%- set kept = assay.kept_for_run('kinds_of_rules') -%}
    {%- if not kept -%}
        {%- do kept.update(assay.kinds_of_rules()) -%}
    {%- endif -%}
    {%- if kind not in kept -%}
        {%- set takes, describes = context.get(kind ~ '_takes'),
            context.get(kind ~ '_rule') -%}
        {%- do kept.update({kind: none if not describes else takes() if takes
            else {'component': none, 'arguments': {}}}) -%}
    {%- endif -%}
    {%- do return(kept[kind]) -%}
{% endmacro %}


{#- What the kind of a rule says of it, as rules() returns it. -#}
{% macro rule_of_kind(rule) %}
    {%- set kind = rule.kind -%}
    {%- if kind == 'accepted_range' -%}
        {%- do return(assay.accepted_range_rule(rule)) -%}
    {%- elif kind == 'accepted_values' -%}
        {%- do return(assay.accepted_values_rule(rule)) -%}
    {%- elif kind == 'agrees_with' -%}
        {%- do return(assay.agrees_with_rule(rule)) -%}
    {%- elif kind == 'covers' -%}
        {%- do return(assay.covers_rule(rule)) -%}
    {%- elif kind == 'expect_column_values_to_be_between' -%}
        {%- do return(assay.expect_column_values_to_be_between_rule(rule)) -%}
    {%- elif kind == 'expect_column_values_to_be_in_set' -%}
        {%- do return(assay.expect_column_values_to_be_in_set_rule(rule)) -%}
    {%- elif kind == 'expect_column_values_to_match_regex' -%}
        {%- do return(assay.expect_column_values_to_match_regex_rule(rule)) -%}
    {%- elif kind == 'expect_column_values_to_not_be_null' -%}
        {%- do return(assay.expect_column_values_to_not_be_null_rule(rule)) -%}
    {%- elif kind == 'expect_compound_columns_to_be_unique' -%}
        {%- do return(assay.expect_compound_columns_to_be_unique_rule(rule)) -%}
    {%- elif kind == 'expect_table_row_count_to_be_between' -%}
        {%- do return(assay.expect_table_row_count_to_be_between_rule(rule)) -%}
    {%- elif kind == 'expression_is_true' -%}
        {%- do return(assay.expression_is_true_rule(rule)) -%}
    {%- elif kind == 'holds' -%}
        {%- do return(assay.holds_rule(rule)) -%}
    {%- elif kind == 'in_format' -%}
        {%- do return(assay.in_format_rule(rule)) -%}
    {%- elif kind == 'in_order' -%}
        {%- do return(assay.in_order_rule(rule)) -%}
    {%- elif kind == 'in_pace' -%}
        {%- do return(assay.in_pace_rule(rule)) -%}
    {%- elif kind == 'in_sequence' -%}
        {%- do return(assay.in_sequence_rule(rule)) -%}
    {%- elif kind == 'not_accepted_values' -%}
        {%- do return(assay.not_accepted_values_rule(rule)) -%}
    {%- elif kind == 'not_cancelled' -%}
        {%- do return(assay.not_cancelled_rule(rule)) -%}
    {%- elif kind == 'not_empty_string' -%}
        {%- do return(assay.not_empty_string_rule(rule)) -%}
    {%- elif kind == 'not_missing' -%}
        {%- do return(assay.not_missing_rule(rule)) -%}
    {%- elif kind == 'not_null' -%}
        {%- do return(assay.not_null_rule(rule)) -%}
    {%- elif kind == 'not_null_proportion' -%}
        {%- do return(assay.not_null_proportion_rule(rule)) -%}
    {%- elif kind == 'not_repeated' -%}
        {%- do return(assay.not_repeated_rule(rule)) -%}
    {%- elif kind == 'refers_to' -%}
        {%- do return(assay.refers_to_rule(rule)) -%}
    {%- elif kind == 'relationships' -%}
        {%- do return(assay.relationships_rule(rule)) -%}
    {%- elif kind == 'relationships_where' -%}
        {%- do return(assay.relationships_where_rule(rule)) -%}
    {%- elif kind == 'row_count' -%}
        {%- do return(assay.row_count_rule(rule)) -%}
    {%- elif kind == 'share_of_value' -%}
        {%- do return(assay.share_of_value_rule(rule)) -%}
    {%- elif kind == 'told_apart' -%}
        {%- do return(assay.told_apart_rule(rule)) -%}
    {%- elif kind == 'unique' -%}
        {%- do return(assay.unique_rule(rule)) -%}
    {%- elif kind == 'unique_combination_of_columns' -%}
        {%- do return(assay.unique_combination_of_columns_rule(rule)) -%}
    {%- elif kind == 'updated_every' -%}
        {%- do return(assay.updated_every_rule(rule)) -%}
    {%- elif kind == 'valid_for' -%}
        {%- do return(assay.valid_for_rule(rule)) -%}
    {%- endif -%}
    {%- do return(context[kind ~ '_rule'](rule)) -%}
{% endmacro %}
