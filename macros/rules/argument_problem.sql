{#-
What is wrong with the arguments of a rule, in one sentence; none where nothing is. Asked
before the rule becomes SQL, so that a wrong argument costs this rule alone.

`takes` says of each argument what it must be, and `required` where the rule needs it, or
`or none` where nothing stands for no argument:

text         some text, as a condition is
pattern      a regular expression
column       the name of a column; columns: one or a list of them
table        the name of a table, as in ref('stg_products')
field        {to, field, key}, a column of the row of another table with the same key;
             texts: columns, or such a field
values       a list of values of the column's type
bound        a number or a time, by the column's type
time         a moment or a day, such as 2026-01-01
number       a number of at least 0; share: at most 1, too
span         a length of time, such as `1 day`
flag         true or false
sql          an expression of SQL
flags        letters that say how a regular expression is read
date_format  how times are written, such as `%Y-%m-%d`
any other    the words that it may be, parted by a bar: `day` or `newest|oldest`
-#}
{% macro argument_problem(rule, takes) %}
    {%- for name, kinds in takes.items() -%}
        {%- set kind = kinds.split(' ')[0] -%}
        {%- if rule.arguments.get(name) is none and kinds.endswith('or none') -%}
            {#- As if it were not there. -#}
        {%- elif name in rule.arguments -%}
            {%- set problem = assay._value_problem(rule.arguments[name], kind, rule) -%}
            {%- if problem -%}{%- do return(name ~ ' ' ~ problem) -%}{%- endif -%}
        {%- elif 'required' in kinds -%}
            {%- do return(rule.kind ~ ' needs ' ~ name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(none) -%}
{% endmacro %}


{#- What is wrong with one value, to be read after the name of its argument. -#}
{% macro _value_problem(value, kind, rule) %}
    {%- if value is none -%}
        {%- do return('is empty') -%}
    {%- elif kind == 'flag' -%}
        {%- set wanted = none if value is boolean else 'true or false' -%}
    {%- elif kind == 'number' -%}
        {%- set wanted = none if assay.is_finite_number(value) and value >= 0
            else 'a number of at least 0' -%}
    {%- elif kind == 'share' -%}
        {%- set wanted = none if assay.is_finite_number(value) and 0 <= value <= 1
            else 'a number from 0 to 1' -%}
    {%- elif kind == 'sql' -%}
        {%- set wanted = none if assay.is_text(value) or assay.is_finite_number(value)
            else 'an expression of SQL' -%}
    {%- elif kind == 'flags' -%}
        {%- set wanted = none if value is string and modules.re.fullmatch('[cilmnps]*',
            value) else 'letters of c, i, l, m, n, p and s' -%}
    {%- elif kind == 'date_format' -%}
        {%- set wanted = none if assay.is_text(value) and assay.is_date_format(value)
            else 'a format such as `%Y-%m-%d`' -%}
    {%- elif kind == 'span' -%}
        {%- set wanted = none if value is string and assay.seconds(value) is not none
            else 'a span such as `1 day`' -%}
    {%- elif kind == 'bound' -%}
        {%- set wanted = none if assay.bound_sql(value, rule) is not none
            else 'a time' if rule.family == 'time'
            else 'a number' if rule.family == 'number' else 'a number or a time' -%}
    {%- elif kind == 'time' -%}
        {%- set wanted = none if (assay.bound_sql(value,
            rule) | string).startswith('timestamp')
            else 'a time such as 2026-01-01' -%}
    {%- elif kind == 'values' -%}
        {%- do return(assay._list_problem(value, rule)) -%}
    {%- elif kind == 'pattern' -%}
        {%- set wanted = none if assay.is_text(value)
            and assay.is_pattern(value, rule.table.known)
            else 'a regular expression' -%}
    {%- elif kind in ['text', 'column', 'table'] -%}
        {%- set wanted = none if assay.is_text(value) else {'text': 'a text',
            'column': 'a column', 'table': "a table, as ref('model')"}[kind] -%}
    {%- elif kind == 'columns' -%}
        {%- set wanted = none if assay.is_texts(value)
            else 'a column or a list of columns' -%}
    {%- elif kind == 'field' -%}
        {%- set wanted = none if assay.is_field(value)
            else 'given as `to`, `field` and `key`' -%}
    {%- elif kind == 'texts' -%}
        {%- set wanted = none if assay.is_texts(value) or assay.is_field(value)
            else 'a column, a list of columns, or `to`, `field` and `key`' -%}
    {%- else -%}
        {%- set words = kind.split('|') -%}
        {%- set wanted = none if value is string and value in words
            else words | join(', ') if words | length == 1
            else 'one of ' ~ words | join(', ') -%}
    {%- endif -%}
    {%- do return(none if wanted is none
        else 'must be ' ~ wanted ~ ', not ' ~ assay.shown(value)) -%}
{% endmacro %}


{#- What is wrong with a list of values: what cannot be compared with the column. -#}
{% macro _list_problem(values, rule) %}
    {%- if values is string or values is mapping or values is not iterable
        or values | length == 0 -%}
        {%- do return('must be a list, not ' ~ assay.shown(values)) -%}
    {%- endif -%}
    {%- for value in values -%}
        {%- if value is none -%}
            {%- do return(
                'holds an empty value: what is missing, not_missing finds') -%}
        {%- elif value is mapping or (value is iterable and value is not string)
            or '\x00' in value | string -%}
            {%- do return('holds ' ~ assay.shown(value) ~ ', which is no value') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule.family in ['number', 'time'] -%}
        {%- for value in values if assay.bound_sql(value, rule) is none -%}
            {%- do return('holds ' ~ assay.shown(value) ~ ', which is no '
                ~ rule.family) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#-
SQL of a bound as the type of a rule's column has it: numbers beside numbers, times beside
times, and either beside texts; none where it is neither.
-#}
{% macro bound_sql(value, rule) %}
    {%- if value is boolean or value is mapping or value is none
        or (value is not string and value is iterable) -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set is_number = assay.is_finite_number(value) or (value is string and
        modules.re.fullmatch('[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[+-]?[0-9]{1,2})?',
            value) is not none) -%}
    {%- if is_number -%}
        {%- do return(none if rule.family == 'time' else value | string) -%}
    {%- elif rule.family not in ['time', 'text', 'null'] or not modules.re.fullmatch(
        '[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9:.]+(Z|[+-][0-9:]+)?)?',
        value | string) -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set time = assay.cast_or_null(assay.literal(value), 'varchar', 'timestamp') -%}
    {%- set known = rule.table.known.times -%}
    {%- if value | string not in known -%}
        {%- do known.update({value | string: run_query(
            'select cast(' ~ time ~ ' as varchar)').rows[0][0]}) -%}
    {%- endif -%}
    {%- set found = known[value | string] -%}
    {%- do return(none if found is none else "timestamp '" ~ found ~ "'") -%}
{% endmacro %}


{#- Whether DuckDB takes a text for a regular expression. -#}
{% macro is_pattern(pattern, known) %}
    {%- if pattern not in known.patterns -%}
        {#- From rows, because try() does not catch an error in a constant. -#}
        {%- set tried = run_query('select bool_and(try(regexp_matches(pattern, pattern)'
            ~ ') is not null) from (select unnest([' ~ assay.literal(pattern)
            ~ ", '']) as pattern)") -%}
        {%- do known.patterns.update({pattern: tried.rows[0][0]}) -%}
    {%- endif -%}
    {%- do return(known.patterns[pattern]) -%}
{% endmacro %}


{#- Whether DuckDB takes a text for a format of times, and it says anything of them. -#}
{% macro is_date_format(format) %}
    {%- do return('%' in format.replace('%%', '') and assay.can_run('select strftime('
        ~ "timestamp '2020-01-01', " ~ assay.literal(format) ~ '), try_strptime(text, '
        ~ assay.literal(format) ~ ") from (select unnest(['']) as text)")) -%}
{% endmacro %}


{#- Whether a value is a number that is neither infinite nor none. -#}
{% macro is_finite_number(value) %}
    {%- do return(value is number and value is not boolean
        and value - value == 0) -%}
{% endmacro %}


{#- Whether a value is a text that SQL can hold and a person has written. -#}
{% macro is_text(value) %}
    {%- do return(value is string and value.strip() != '' and '\x00' not in value
        and value | length <= 10000) -%}
{% endmacro %}


{% macro is_texts(value) %}
    {%- set values = assay.as_list(value) if value is string or value is sequence
        else [] -%}
    {%- if value is mapping -%}{%- do return(false) -%}{%- endif -%}
    {%- for one in values if not assay.is_text(one) -%}
        {%- do return(false) -%}
    {%- endfor -%}
    {%- do return(values | length > 0) -%}
{% endmacro %}


{% macro is_field(value) %}
    {%- do return(value is mapping and value.keys() | sort == ['field', 'key', 'to']
        and assay.is_text(value.to) and assay.is_text(value.field)
        and assay.is_texts(value.key)) -%}
{% endmacro %}


{#- A value as a sentence shows it: on one line, and no longer than that. -#}
{% macro shown(value) %}
    {%- set text = (value | string).replace('\x00', '\\0').split() | join(' ') -%}
    {%- do return('an empty text' if text == '' else text if text | length <= 60
        else text[:57] ~ '...') -%}
{% endmacro %}
