{#-
Checks the form of a value; missing values are not checked. Fails when the value does not
have the type of its column, or is not what the arguments ask for. Give at least one of:

- pattern: regular expression found in the value (anchor it with ^ and $)
- not_pattern: regular expression not found in it
- values: list of the values allowed, compared as the column's type
- not_values: list of values that are not allowed
- min, max: range of a number or a time, ends included
- above, below: the same, ends not included
- date_format: how a time is written, as `%d.%m.%Y` (the signs of strptime)
- is: one of
  number, integer, boolean, date, timestamp   the value parses as one
  currency       a code of ISO 4217
  measurement    a number and a unit, such as `1.5 kg`; `85123A` is a code
  json           valid JSON
  url            an address of the web in full, with http or https
  email          an address of e-mail
  gtin           8, 12, 13 or 14 digits, the last of which is right for the others
  language       a language of ISO 639-1, or of BCP 47, as `de`, `pt-BR`, `zh-Hans`
  country        a country of ISO 3166-1, two capital letters
  clean_text     no control characters, mojibake, markup of HTML, doubled or surrounding
                 spaces
  one_spelling   not the rarer letter-case variant of a more frequent value
- graded: true where the `grades` of the feed in `vars`, the lowest and the highest, take
  the place of `values`

A text such as `1.299` is no number where the others of its column have decimal commas.

And, as for every rule:

- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test in_format(
    model, column_name, pattern=none, not_pattern=none, values=none, not_values=none,
    min=none, max=none, above=none, below=none, date_format=none, is=none,
    graded=false, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro in_format_takes() %}
    {%- do return({'component': 'format', 'arguments': {
        'pattern': 'pattern',
        'not_pattern': 'pattern',
        'values': 'values',
        'not_values': 'values',
        'min': 'bound',
        'max': 'bound',
        'above': 'bound',
        'below': 'bound',
        'date_format': 'date_format',
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
        {%- do fails.append('not ' ~ assay.matches(rule.text,
            assay.literal(arguments.pattern))) -%}
    {%- endif -%}
    {%- if 'not_pattern' in arguments -%}
        {%- do says.append('does not match ' ~ arguments.not_pattern) -%}
        {%- do fails.append(assay.matches(rule.text,
            assay.literal(arguments.not_pattern))) -%}
    {%- endif -%}
    {#- Numbers and times are compared as such; what did not cast is null, and is none. -#}
    {%- set is_typed = rule.family in ['number', 'time'] -%}
    {%- for name, sign in {'values': 'not in', 'not_values': 'in'}.items()
        if name in arguments -%}
        {%- set listed = [] -%}
        {%- for value in arguments[name] -%}
            {%- do listed.append(assay.bound_sql(value, rule) if is_typed
                else assay.value_literal(value)) -%}
        {%- endfor -%}
        {%- do says.append('is ' ~ ('one' if name == 'values' else 'none') ~ ' of '
            ~ arguments[name] | join(', ')) -%}
        {%- do fails.append('coalesce(' ~ (rule.value if is_typed else rule.text) ~ ' '
            ~ sign ~ ' (' ~ listed | join(', ') ~ '), true)') -%}
    {%- endfor -%}
    {%- if 'date_format' in arguments -%}
        {%- do says.append('is written as ' ~ arguments.date_format) -%}
        {%- if rule.family != 'text' and rule.state == 'ready' -%}
            {%- do update.update({'state': 'error', 'reason': rule.column
                ~ ' is no text, which alone has a date_format'}) -%}
        {%- endif -%}
        {%- do fails.append(assay.date_format_sql(arguments.date_format, rule)) -%}
    {%- endif -%}
    {%- set signs = {'min': '>=', 'max': '<=', 'above': '>', 'below': '<'} -%}
    {%- set bounds = {} -%}
    {%- for name in signs if name in arguments -%}
        {%- do bounds.update({name: assay.bound_sql(arguments[name], rule)}) -%}
    {%- endfor -%}
    {%- if bounds -%}
        {%- set is_time = (bounds.values() | first | string).startswith('timestamp') -%}
        {%- if is_typed or is_time -%}
            {%- set value = rule.value if is_typed
                else assay.cast_or_null(rule.text, 'varchar', 'timestamp') -%}
            {%- do fails.append(value ~ ' is null') -%}
            {%- if is_time or rule.type in ['double', 'float', 'real'] -%}
                {%- do fails.append('not ' ~ assay.is_finite(value)) -%}
            {%- endif -%}
            {%- for name, bound in bounds.items() -%}
                {%- do fails.append('not ' ~ value ~ ' ' ~ signs[name] ~ ' '
                    ~ bound) -%}
            {%- endfor -%}
        {%- else -%}
            {#- A text is cast once; no finite number is beyond these two. -#}
            {%- do fails.append('not coalesce(try_cast(trim(' ~ rule.text
                ~ ') as double) between ' ~ bounds.get('min', '-1.7976931348623157e308')
                ~ ' and ' ~ bounds.get('max', '1.7976931348623157e308')
                ~ ', false)') -%}
            {%- for name in ['above', 'below'] if name in bounds -%}
                {%- do fails.append('not coalesce(try_cast(trim(' ~ rule.text
                    ~ ') as double) ' ~ signs[name] ~ ' ' ~ bounds[name]
                    ~ ', false)') -%}
            {%- endfor -%}
        {%- endif -%}
        {%- for name in bounds -%}
            {%- do says.append('is ' ~ {'min': 'at least', 'max': 'at most'}.get(name,
                name)
                ~ ' ' ~ arguments[name]) -%}
        {%- endfor -%}
        {%- for low in ['min', 'above'] if low in bounds -%}
            {%- for high in ['max', 'below'] if high in bounds
                and not assay.is_ascending(bounds[low], bounds[high],
                    '<=' if low ~ high == 'minmax' else '<') -%}
                {%- do update.update({'state': 'error', 'reason': low ~ ' '
                    ~ assay.shown(arguments[low]) ~ ' is not below ' ~ high ~ ' '
                    ~ assay.shown(arguments[high]) ~ ': no value is between'}) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if 'is' in arguments -%}
        {%- set sql = assay.form_sql(arguments['is'], rule) -%}
        {%- do says.append('is ' ~ arguments['is']) -%}
        {%- if sql is none -%}
            {%- do update.update({'state': 'error',
                'reason': assay.shown(arguments['is'])
                ~ ' is no form that in_format knows'}) -%}
        {%- else -%}
            {%- do fails.append(sql) -%}
            {%- set never = assay.cannot_fail(arguments['is'], rule)
                if says | length == 1 and rule.state == 'ready' else none -%}
            {%- if never -%}
                {%- do update.update({'state': 'not applicable', 'reason': never}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
    {%- if rule.family == 'text' and (bounds
        or arguments.get('is') == 'number') -%}
        {%- set peer = assay.column_sql(rule.column, rule.table, 'peer') -%}
        {%- do fails.append(assay.is_misread_number(rule.text, '(select ' ~ peer.text
            ~ ' as text from watched as peer where ' ~ peer.is_present ~ ')')) -%}
    {%- endif -%}
    {%- if not says -%}
        {%- do update.update({'state': 'error', 'reason':
            'in_format needs one of '
            ~ assay.in_format_takes().arguments | join(', ')}) -%}
    {%- endif -%}
    {%- do update.update({
        'says': rule.column ~ ' ' ~ says | join(' and '),
        'fails': '(' ~ fails | join(' or ') ~ ')'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Whether a value may lie between a lowest and a highest, which are of the same kind. -#}
{% macro is_ascending(lowest, highest, sign='<=') %}
    {%- set query = 'select ' ~ lowest ~ ' ' ~ sign ~ ' ' ~ highest -%}
    {%- do return(assay.can_run(query) and run_query(query).rows[0][0]) -%}
{% endmacro %}
