{#-
The tests of the package dbt_expectations that are rules when they stand on a watched
table; as those of dbt_utils, they fail where the package's own do.
-#}
{% macro expect_column_values_to_be_between_takes() %}
    {%- do return({'component': 'format', 'packages': ['dbt_expectations'],
        'arguments': {
        'min_value': 'sql or none',
        'max_value': 'sql or none',
        'row_condition': 'sql or none',
        'strictly': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro expect_column_values_to_be_in_set_takes() %}
    {%- do return({'component': 'format', 'packages': ['dbt_expectations'],
        'arguments': {
        'value_set': 'values required',
        'quote_values': 'flag or none',
        'row_condition': 'sql or none'
    }}) -%}
{% endmacro %}


{% macro expect_column_values_to_match_regex_takes() %}
    {%- do return({'component': 'format', 'packages': ['dbt_expectations'],
        'arguments': {
        'regex': 'pattern required',
        'row_condition': 'sql or none',
        'is_raw': 'flag or none',
        'flags': 'flags or none'
    }}) -%}
{% endmacro %}


{% macro expect_column_values_to_not_be_null_takes() %}
    {%- do return({'component': 'missing', 'packages': ['dbt_expectations'],
        'arguments': {
        'row_condition': 'sql or none'
    }}) -%}
{% endmacro %}


{% macro expect_compound_columns_to_be_unique_takes() %}
    {%- do return({'component': 'repeat', 'packages': ['dbt_expectations'],
        'arguments': {
        'column_list': 'columns required',
        'quote_columns': 'flag or none',
        'ignore_row_if': 'all_values_are_missing|any_value_is_missing',
        'row_condition': 'sql or none'
    }}) -%}
{% endmacro %}


{% macro expect_table_row_count_to_be_between_takes() %}
    {%- do return({'component': 'coverage', 'packages': ['dbt_expectations'],
        'arguments': {
        'min_value': 'sql or none',
        'max_value': 'sql or none',
        'group_by': 'columns or none',
        'row_condition': 'sql or none',
        'strictly': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro expect_column_values_to_be_between_rule(rule) %}
    {%- do return(assay.between_rule(rule, rule.arguments.get('strictly'))) -%}
{% endmacro %}


{% macro expect_column_values_to_be_in_set_rule(rule) %}
    {%- do return(assay.among_rule(
        rule, 'value_set', rule.arguments.get('quote_values', true), false)) -%}
{% endmacro %}


{% macro expect_column_values_to_match_regex_rule(rule) %}
    {#- The package writes it between quotes as it is: doubled ones are single. -#}
    {%- set regex = rule.arguments.regex.replace("''", "'") -%}
    {%- do return(assay.row_rule(rule, rule.column ~ ' matches ' ~ regex,
        'not ' ~ assay.matches(rule.value, assay.literal(regex) ~ ', '
            ~ assay.literal(rule.arguments.get('flags') or '')))) -%}
{% endmacro %}


{% macro expect_column_values_to_not_be_null_rule(rule) %}
    {%- do return(dict(assay.row_rule(rule, rule.column ~ ' is not null',
        rule.value ~ ' is null', 'true'), flaw='missing')) -%}
{% endmacro %}


{% macro expect_compound_columns_to_be_unique_rule(rule) %}
    {%- do return(assay.unique_rows_rule(rule, 'column_list',
        rule.arguments.get('ignore_row_if', 'all_values_are_missing'))) -%}
{% endmacro %}


{% macro expect_table_row_count_to_be_between_rule(rule) %}
    {%- set given = rule.arguments -%}
    {%- set groups, rows = assay.as_list(given.get('group_by')),
        assay.rows_met(rule) -%}
    {%- set is_strict = given.get('strictly') -%}
    {%- set says, rates = [], [] -%}
    {%- if given.get('min_value') is not none -%}
        {%- do says.append(('more than ' if is_strict else 'at least ')
            ~ given.min_value)
        -%}
        {%- set least = 'floor(' ~ assay.sql_of(given.min_value) ~ ') + 1' if is_strict
            else 'ceil(' ~ assay.sql_of(given.min_value) ~ ')' -%}
        {%- do rates.append('1 - row_count / nullif(greatest(0, ' ~ least ~ '), 0)') -%}
    {%- endif -%}
    {%- if given.get('max_value') is not none -%}
        {%- do says.append(('fewer than ' if is_strict else 'at most ')
            ~ given.max_value)
        -%}
        {%- set most = 'ceil(' ~ assay.sql_of(given.max_value) ~ ') - 1' if is_strict
            else 'floor(' ~ assay.sql_of(given.max_value) ~ ')' -%}
        {%- do rates.append('case when row_count > ' ~ most ~ ' then 1 - greatest(0, '
            ~ most ~ ') / greatest(row_count, 1) end') -%}
    {%- endif -%}
    {%- set update = {'says': (rule.table.feed if not groups else 'each '
        ~ groups | join(', ')) ~ ' has ' ~ says | join(' and ') ~ ' rows'} -%}
    {%- if not says -%}
        {%- do update.update({'state': 'error', 'reason': assay.no_bound()}) -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- for name in ['min_value', 'max_value'] if given.get(name) is not none
        and not assay.can_run('select ' ~ assay.sql_of(given[name]) ~ ' + 0') -%}
        {%- do update.update({'state': 'error', 'reason': '`' ~ name
            ~ '` cannot be evaluated: ' ~ assay.shown(given[name])}) -%}
    {%- endfor -%}
    {%- set asked = {'group_by': groups, 'row_condition': assay.as_list(rows)} -%}
    {%- for name, expressions in asked.items() if expressions and not update.state -%}
        {%- do update.update(assay.sql_problem(rule, name, expressions)) -%}
    {%- endfor -%}
    {%- do update.update({'judged': assay.judged_groups(rule, groups,
        {'row_count': 'count(*)'},
        'greatest(0, ' ~ rates | join(', ') ~ ')', 'row_count', condition=rows)}) -%}
    {%- do return(update) -%}
{% endmacro %}
