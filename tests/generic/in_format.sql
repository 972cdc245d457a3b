{#-
Checks the form of a value; missing values are not checked. Fails when the value does not
have the type of its column, or is not what the arguments ask for. Give at least one of:

- pattern: regular expression found in the value (anchor it with ^ and $)
- values: list of the values allowed, compared as the column's type
- min, max: range of a number or a time, ends included
- is: one of
  number, integer, boolean, date, timestamp   the value parses as one
  currency       a code of ISO 4217
  measurement    a number and a unit, such as `1.5 kg`
  json           valid JSON
  clean_text     no control characters, mojibake, markup of HTML, doubled or surrounding
                 spaces
  one_spelling   not the rarer letter-case variant of a more frequent value
- graded: true where the `grades` of the feed in `vars`, the lowest and the highest, take
  the place of `values`

A text such as `1.299` is no number where the others of its column have decimal commas.

And, as for every rule:

- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test in_format(
    model, column_name, pattern=none, values=none, min=none, max=none, is=none,
    graded=false, max_rate=0, weight=1
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro in_format_takes() %}
    {%- do return({'component': 'format', 'arguments': {
        'pattern': 'pattern',
        'values': 'values',
        'min': 'bound',
        'max': 'bound',
        'is': 'text',
        'graded': 'flag'
    }}) -%}
{% endmacro %}


{% macro in_format_rule(rule) %}
    {%- set arguments = rule.arguments -%}
    {%- if arguments.get('graded') and rule.table.grades -%}
        {%- do arguments.pop('values', none) -%}
        {%- do arguments.update({'min': rule.table.grades[0],
            'max': rule.table.grades[1]}) -%}
    {%- endif -%}
    {%- set update = {
        'flaw': 'format',
        'applies': rule.is_present
    } -%}
    {%- set says, fails = [], [] -%}
    {%- if 'pattern' in arguments -%}
        {%- do says.append('matches ' ~ arguments.pattern) -%}
        {%- do fails.append('not regexp_matches(' ~ rule.text ~ ', '
            ~ literal(arguments.pattern) ~ ')') -%}
    {%- endif -%}
    {#- Numbers and times are compared as such; what did not cast is null, and is none. -#}
    {%- set is_typed = rule.family in ['number', 'time'] -%}
    {%- if 'values' in arguments -%}
        {%- set allowed = [] -%}
        {%- for value in arguments['values'] -%}
            {%- do allowed.append(bound_sql(value, rule) if is_typed
                else value_literal(value)) -%}
        {%- endfor -%}
        {%- do says.append('is one of ' ~ arguments['values'] | join(', ')) -%}
        {%- do fails.append('coalesce(' ~ (rule.value if is_typed else rule.text)
            ~ ' not in (' ~ allowed | join(', ') ~ '), true)') -%}
    {%- endif -%}
    {%- set bounds = {} -%}
    {%- for name in ['min', 'max'] if name in arguments -%}
        {%- do bounds.update({name: bound_sql(arguments[name], rule)}) -%}
    {%- endfor -%}
    {%- if bounds -%}
        {%- set is_time = (bounds.values() | first | string).startswith('timestamp') -%}
        {%- set value = rule.value if is_typed
            else cast_or_null(rule.text, 'varchar', 'timestamp' if is_time else 'double')
        -%}
        {%- do fails.append(value ~ ' is null') -%}
        {%- if is_time or rule.type in ['double', 'float', 'real'] -%}
            {%- do fails.append('not isfinite(' ~ value ~ ')') -%}
        {%- endif -%}
        {%- for name, bound in bounds.items() -%}
            {%- do says.append('is at ' ~ ('least ' if name == 'min' else 'most ')
                ~ arguments[name]) -%}
            {%- do fails.append(value ~ (' < ' if name == 'min' else ' > ') ~ bound) -%}
        {%- endfor -%}
        {%- if bounds | length == 2 and not _is_ascending(bounds) -%}
            {%- do update.update({'state': 'error', 'reason': 'min '
                ~ shown(arguments.min) ~ ' is not below max ' ~ shown(arguments.max)
                ~ ': no value is between'}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if 'is' in arguments -%}
        {%- set sql = form_sql(arguments['is'], rule) -%}
        {%- do says.append('is ' ~ arguments['is']) -%}
        {%- if sql is none -%}
            {%- do update.update({'state': 'error', 'reason': shown(arguments['is'])
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


{#- Whether a least value is no greater than the highest, and of the same kind. -#}
{% macro _is_ascending(bounds) %}
    {%- set query = 'select ' ~ bounds.min ~ ' <= ' ~ bounds.max -%}
    {%- do return(can_run(query) and run_query(query).rows[0][0]) -%}
{% endmacro %}
