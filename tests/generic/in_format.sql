{#-
Checks the form of a value; missing values are not checked. Fails when the value does not
have the type of its column, or is not what the arguments ask for. Give at least one of:

- pattern: regular expression found in the value (anchor it with ^ and $)
- values: list of the values allowed
- min, max: range of a number, ends included
- is: one of
  number, integer, boolean, date, timestamp   the value parses as one
  currency       a code of ISO 4217
  measurement    a number and a unit, such as `1.5 kg`
  json           valid JSON
  clean_text     no control characters, mojibake, markup of HTML, doubled or surrounding
                 spaces
  one_spelling   not the rarer letter-case variant of a more frequent value

A text such as `1.299` is no number where the others of its column have decimal commas.

And, as for every rule:

- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test in_format(
    model, column_name, pattern=none, values=none, min=none, max=none, is=none,
    max_rate=0, weight=1
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro in_format_rule(rule) %}
    {%- set arguments = rule.arguments -%}
    {%- set update = {
        'dimension': 'consistency',
        'component': 'format',
        'flaw': 'format',
        'applies': rule.is_present
    } -%}
    {%- set says, fails = [], [] -%}
    {%- if 'pattern' in arguments -%}
        {%- do says.append('matches ' ~ arguments.pattern) -%}
        {%- do fails.append('not regexp_matches(' ~ rule.text ~ ', '
            ~ literal(arguments.pattern) ~ ')') -%}
        {%- set patterns = rule.table.known.patterns -%}
        {%- if arguments.pattern not in patterns -%}
            {#- From rows, because try() does not catch an error in a constant. -#}
            {%- set tried = run_query('select bool_and(try(regexp_matches(pattern, pattern)'
                ~ ') is not null) from (select unnest([' ~ literal(arguments.pattern)
                ~ ", '']) as pattern)") -%}
            {%- do patterns.update({arguments.pattern: tried.rows[0][0]}) -%}
        {%- endif -%}
        {%- if not patterns[arguments.pattern] -%}
            {%- do update.update({'state': 'error', 'reason': 'pattern '
                ~ arguments.pattern ~ ' is no regular expression'}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'values' in arguments -%}
        {%- set allowed = [] -%}
        {%- for value in arguments['values'] -%}
            {%- do allowed.append(value_literal(value)) -%}
        {%- endfor -%}
        {%- do says.append('is one of ' ~ arguments['values'] | join(', ')) -%}
        {%- do fails.append(rule.text ~ ' not in (' ~ allowed | join(', ') ~ ')') -%}
    {%- endif -%}
    {%- if 'min' in arguments or 'max' in arguments -%}
        {%- set number = rule.value if rule.family == 'number'
            else cast_or_null(rule.text, 'varchar', 'double') -%}
        {%- do fails.append(number ~ ' is null') -%}
        {%- if rule.type in ['double', 'float', 'real'] -%}
            {%- do fails.append('not isfinite(' ~ number ~ ')') -%}
        {%- endif -%}
        {%- if 'min' in arguments -%}
            {%- do says.append('is at least ' ~ arguments.min) -%}
            {%- do fails.append(number ~ ' < ' ~ arguments.min) -%}
        {%- endif -%}
        {%- if 'max' in arguments -%}
            {%- do says.append('is at most ' ~ arguments.max) -%}
            {%- do fails.append(number ~ ' > ' ~ arguments.max) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'is' in arguments -%}
        {%- set sql = form_sql(arguments['is'], rule) -%}
        {%- do says.append('is ' ~ arguments['is']) -%}
        {%- if sql is none -%}
            {%- do update.update({'state': 'error', 'reason': arguments['is']
                ~ ' is no form that in_format knows'}) -%}
        {%- else -%}
            {%- do fails.append(sql) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if rule.family == 'text' and ('min' in arguments or 'max' in arguments
        or arguments.get('is') == 'number') -%}
        {%- set peer = column_sql(rule.column, rule.table, 'peer') -%}
        {%- do fails.append(is_misread_number(rule.text, '(select ' ~ peer.text
            ~ ' as text from watched as peer where ' ~ peer.is_present ~ ')')) -%}
    {%- endif -%}
    {%- if not says -%}
        {%- do update.update({'state': 'error', 'reason':
            'in_format needs one of pattern, values, min, max, is'}) -%}
    {%- endif -%}
    {%- do update.update({
        'says': rule.column ~ ' ' ~ says | join(' and '),
        'fails': '(' ~ fails | join(' or ') ~ ')'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
