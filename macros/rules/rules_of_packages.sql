{#- The `row_condition` of a test of another package, as SQL; or none. -#}
{% macro rows_met(rule) %}
    {%- set condition = rule.arguments.get('row_condition') -%}
    {%- do return(none if condition is none or condition | string | trim == ''
        else assay.sql_of(condition)) -%}
{% endmacro %}


{#-
The condition of the rows that a rule looks at, by its `where` and `row_condition`; none for
all. It is met before an expression is evaluated, as in a query of its own.
-#}
{% macro rows_looked_at(rule) %}
    {%- set rows = [] -%}
    {%- for condition in [rule.where, assay.rows_met(rule)] if condition -%}
        {%- do rows.append('(' ~ condition ~ ')') -%}
    {%- endfor -%}
    {%- do return(rows | join(' and ') or none) -%}
{% endmacro %}


{#- A rule by which no row that is looked at, and in which a value is there, fails. -#}
{% macro row_rule(rule, says, fails, applies=none) %}
    {%- set rows = assay.rows_looked_at(rule) -%}
    {%- set applies = applies or rule.value ~ ' is not null' -%}
    {%- set update = {
        'says': says,
        'applies': 'coalesce(' ~ assay.where_met(rows, applies) ~ ', false)',
        'fails': assay.where_met(rows, fails)
    } -%}
    {%- if rule.state == 'ready'
        and not assay.can_evaluate([update.applies, update.fails], rule.table) -%}
        {%- set given = [] -%}
        {%- for name, value in rule.arguments.items() if value is not none -%}
            {%- do given.append(name ~ ' ' ~ assay.shown(value)) -%}
        {%- endfor -%}
        {%- do update.update({'state': 'error', 'reason': 'cannot be evaluated for '
            ~ rule.column ~ ': ' ~ assay.shown(given | join(', '))}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- A rule by which a value lies between `min_value` and `max_value`, which are SQL. -#}
{% macro between_rule(rule, is_strict) %}
    {%- set says, fails = [], [] -%}
    {%- for name, sign in {'min_value': '>', 'max_value': '<'}.items()
        if rule.arguments.get(name) is not none -%}
        {%- set sign = sign if is_strict else sign ~ '=' -%}
        {%- do says.append(sign ~ ' ' ~ rule.arguments[name]) -%}
        {%- do fails.append('coalesce(not ' ~ rule.value ~ ' ' ~ sign ~ ' '
            ~ assay.sql_of(rule.arguments[name]) ~ ', false)') -%}
    {%- endfor -%}
    {%- if not says -%}
        {%- do return({'state': 'error', 'says': rule.column ~ ' is between',
            'reason': assay.no_bound()}) -%}
    {%- endif -%}
    {%- do return(assay.row_rule(rule, rule.column ~ ' is ' ~ says | join(' and '),
        '(' ~ fails | join(' or ') ~ ')')) -%}
{% endmacro %}


{% macro no_bound() %}
    {%- do return('needs min_value, or max_value, or both') -%}
{% endmacro %}


{#-
A rule by which a value is one of a list, or none of it. As in the packages, a null is
none of the values allowed.
-#}
{% macro among_rule(rule, argument, is_quoted, is_refused) %}
    {%- set listed = [] -%}
    {%- for value in rule.arguments[argument] -%}
        {#- The packages write it between quotes as it is: doubled ones are single. -#}
        {%- do listed.append(assay.literal((value | string).replace("''", "'"))
            if is_quoted is not false else assay.sql_of(value)) -%}
    {%- endfor -%}
    {%- set is_among = rule.value ~ ' in (' ~ listed | join(', ') ~ ')' -%}
    {%- set says = ' of ' ~ rule.arguments[argument] | join(', ') -%}
    {%- if is_refused -%}
        {%- do return(assay.row_rule(rule, rule.column ~ ' is none' ~ says,
            is_among)) -%}
    {%- endif -%}
    {%- do return(assay.row_rule(rule, rule.column ~ ' is one' ~ says,
        'coalesce(not ' ~ is_among ~ ', true)', 'true')) -%}
{% endmacro %}


{#-
A rule by which several columns, or expressions, together occur once. Nulls are equal;
`ignored` says whether rows are left out in which all of them, or any, are null. Its
repairs speak of them as those of not_repeated, by the argument `columns`.
-#}
{% macro unique_rows_rule(rule, argument, ignored=none) %}
    {%- set rows, columns = assay.rows_met(rule), [] -%}
    {%- set update = {
        'flaw': 'repeat',
        'arguments': dict(rule.arguments,
        columns=assay.as_list(rule.arguments[argument])),
        'says': assay.as_list(rule.arguments[argument]) | join(', ') ~ ' occurs once'
    } -%}
    {%- for column in assay.as_list(rule.arguments[argument]) -%}
        {%- if column in rule.table.not_supplied -%}
            {%- do update.update(assay.column_state(column, rule.table)) -%}
        {%- endif -%}
        {%- do columns.append(assay.quoted(column)
            if rule.arguments.get('quote_columns')
            else assay.sql_of(column)) -%}
    {%- endfor -%}
    {%- if not update.state -%}
        {%- do update.update(assay.sql_problem(rule, argument, columns)) -%}
    {%- endif -%}
    {%- if rows and not update.state -%}
        {%- do update.update(assay.sql_problem(rule, 'row_condition', [rows])) -%}
    {%- endif -%}
    {%- if update.state -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set applies = [rows] if rows else [] -%}
    {%- if ignored -%}
        {%- set op = ' and ' if ignored == 'all_values_are_missing' else ' or ' -%}
        {%- do applies.append('not (' ~ columns | join(' is null' ~ op) ~ ' is null)')
        -%}
    {%- endif -%}
    {%- set looked_at = applies + (['(' ~ rule.where ~ ')'] if rule.where else []) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('cast(' ~ column ~ ' as varchar)') -%}
    {%- endfor -%}
    {%- do update.update({
        'applies': applies | join(' and ') or 'true',
        'found': "concat_ws(' | ', " ~ texts | join(', ') ~ ')',
        'fails': 'watched."row number" in (select record_number from ('
            ~ assay.repeated_rows(rule.table, columns, looked_at | join(' and ')
            or none)
            ~ ') where occurrence > 1)'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
