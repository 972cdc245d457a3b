{#-
The tests of the package dbt_utils that are rules when they stand on a watched table. They
fail where the package's own do: their arguments are SQL, as they are there, and columns
are compared as the types that they have. What counts differently: each row counts, not
each distinct value; of rows that repeat, the second and further ones; and a row in which a
null leaves the matter open is not checked. Their weight and max_rate stand under
`config.meta`.
-#}
{% macro unique_combination_of_columns_takes() %}
    {%- do return({'component': 'repeat', 'packages': ['dbt_utils'], 'arguments': {
        'combination_of_columns': 'columns required',
        'quote_columns': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro accepted_range_takes() %}
    {%- do return({'component': 'format', 'packages': ['dbt_utils'], 'arguments': {
        'min_value': 'sql or none',
        'max_value': 'sql or none',
        'inclusive': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro not_accepted_values_takes() %}
    {%- do return({'component': 'format', 'packages': ['dbt_utils'], 'arguments': {
        'values': 'values required',
        'quote': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro not_empty_string_takes() %}
    {%- do return({'component': 'missing', 'packages': ['dbt_utils'], 'arguments': {
        'trim_whitespace': 'flag or none'
    }}) -%}
{% endmacro %}


{% macro not_null_proportion_takes() %}
    {%- do return({'component': 'missing', 'packages': ['dbt_utils'], 'arguments': {
        'at_least': 'share required',
        'at_most': 'share or none',
        'group_by_columns': 'columns or none'
    }}) -%}
{% endmacro %}


{% macro relationships_where_takes() %}
    {%- do return({'component': 'relation', 'packages': ['dbt_utils'], 'arguments': {
        'to': 'table required',
        'field': 'column required',
        'from_condition': 'sql or none',
        'to_condition': 'sql or none'
    }}) -%}
{% endmacro %}


{#- dbt_expectations has one of this name, too, with arguments of its own. -#}
{% macro expression_is_true_takes() %}
    {%- do return({'component': 'source', 'packages': ['dbt_utils', 'dbt_expectations'],
        'arguments': {
            'expression': 'sql required',
            'test_condition': 'text or none',
            'group_by_columns': 'columns or none',
            'row_condition': 'sql or none'
        }}) -%}
{% endmacro %}


{% macro unique_combination_of_columns_rule(rule) %}
    {%- do return(assay.unique_rows_rule(rule, 'combination_of_columns')) -%}
{% endmacro %}


{% macro accepted_range_rule(rule) %}
    {%- do return(assay.between_rule(rule, not rule.arguments.get('inclusive',
        true))) -%}
{% endmacro %}


{% macro not_accepted_values_rule(rule) %}
    {%- do return(assay.among_rule(rule, 'values', rule.arguments.get('quote', true),
        true)) -%}
{% endmacro %}


{% macro not_empty_string_rule(rule) %}
    {%- set text = rule.value if rule.arguments.get('trim_whitespace') is false
        else 'trim(' ~ rule.value ~ ')' -%}
    {%- set update = {
        'says': rule.column ~ ' is not empty',
        'flaw': 'missing',
        'applies': 'not ' ~ rule.is_null,
        'fails': text ~ " = ''"
    } -%}
    {%- if rule.state == 'ready' and rule.family != 'text' -%}
        {%- do update.update({'state': 'error',
            'reason': rule.column ~ ' holds no texts'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Of a whole table the nulls fail, up to a rate; else what is out of bounds. -#}
{% macro not_null_proportion_rule(rule) %}
    {%- set low, high = rule.arguments.at_least, rule.arguments.get('at_most') -%}
    {%- set groups = assay.as_list(rule.arguments.get('group_by_columns')) -%}
    {%- set high = 1 if high is none else high -%}
    {%- set update = {
        'flaw': 'missing',
        'says': rule.column ~ ' is not null in ' ~ low ~ ' to ' ~ high ~ ' of the rows'
            ~ (' of each ' ~ groups | join(', ') if groups else ''),
        'fails': rule.is_null,
        'max_rate': (1 - low) | round(12)
    } -%}
    {%- if rule.state == 'ready' and (groups or high < 1) -%}
        {%- set part = '(partition by ' ~ groups | join(', ') ~ ')' if groups
            else '()' -%}
        {%- set proportions -%}
            select
                "row number" as counted,
                {{ assay.quoted(rule.column) }} is null as is_null,
                count({{ assay.quoted(
                    rule.column) }}) over {{ part }} / count(*) over {{ part }}
                    as proportion
            from watched
            {%- if rule.where %} where ({{ rule.where }}){% endif %}
        {%- endset -%}
        {%- do update.update({
            'flaw': none,
            'max_rate': 0,
            'fails': 'watched."row number" in (select counted from (' ~ proportions
                ~ ') where (is_null and proportion < ' ~ low ~ ')'
                ~ ' or (not is_null and proportion > ' ~ high ~ '))'
        }) -%}
        {%- if groups -%}
            {%- do update.update(assay.sql_problem(rule, 'group_by_columns',
                groups)) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{% macro relationships_where_rule(rule) %}
    {%- set given = rule.arguments -%}
    {%- set update = {'says': rule.column ~ ' refers to a ' ~ given.field ~ ' of '
        ~ given.to} -%}
    {%- set other = assay.other_table(rule, given.to, given.field) -%}
    {%- if other.state != 'ready' -%}
        {%- do update.update(other) -%}
    {%- endif -%}
    {%- if rule.state != 'ready' or update.state -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set applies, there = 'not ' ~ rule.is_null, none -%}
    {%- if given.get('from_condition') is not none -%}
        {%- set condition = assay.sql_of(given.from_condition) -%}
        {%- set applies = applies ~ ' and ' ~ condition -%}
        {%- do update.update(assay.sql_problem(rule, 'from_condition', [condition])) -%}
    {%- endif -%}
    {%- if given.get('to_condition') is not none -%}
        {%- set there = assay.sql_of(given.to_condition) -%}
        {%- if not assay.can_evaluate([there], other.table) -%}
            {%- do update.update({'state': 'error', 'reason': '`to_condition` cannot be'
                ~ ' evaluated: ' ~ assay.shown(given.to_condition)}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do update.update({
        'applies': applies,
        'reads': [other.unique_id],
        'fails': assay.no_such_row([rule.text], [given.field], other, there, 'text')
    }) -%}
    {%- do return(update) -%}
{% endmacro %}


{% macro expression_is_true_rule(rule) %}
    {%- set given = rule.arguments -%}
    {%- set expression = assay.sql_of(given.expression) -%}
    {%- if rule.column -%}
        {%- set expression = '(' ~ rule.value ~ ' '
            ~ assay.sql_of(given.expression)[1:] -%}
    {%- endif -%}
    {%- if given.get('test_condition') is not none -%}
        {%- set expression = '(' ~ expression ~ ' '
            ~ assay.sql_of(given.test_condition)[1:] -%}
    {%- endif -%}
    {%- set groups = assay.as_list(given.get('group_by_columns')) -%}
    {%- set each_row = assay.condition_rule(rule, 'expression', expression) -%}
    {%- if rule.state != 'ready' or (each_row.state != 'error' and not groups) -%}
        {%- do return(each_row) -%}
    {%- endif -%}
    {#- It may be an aggregate, which is judged of the table or of each group. -#}
    {%- set query = assay.judged_groups(rule, groups, {'is_true': expression},
        'cast(not is_true as integer)', 'is_true', condition=assay.rows_met(rule)) -%}
    {%- if assay.can_run('select count(rate) + count(member) from (' ~ query.replace(
        'from watched', 'from ' ~ rule.table.relation ~ ' as watched', 1)
        ~ ') as judged')
    -%}
        {%- do return({'says': each_row.says, 'judged': query}) -%}
    {%- endif -%}
    {%- do return(dict(each_row, state='error',
        reason='`expression` cannot be evaluated: '
        ~ assay.shown(given.expression))) -%}
{% endmacro %}
