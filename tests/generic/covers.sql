{#-
Checks that every member of an expected set occurs in the column. Fails once for each
member that does not. Give one of:

- expected, field: the values of another column, as in `expected: ref('stg_products')`,
  `field: product_id`
- values: a list
- every: `day`: each day from the first in the column to the day before `as_of`

and, as for every rule:

- max_rate: share of failing members up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
-#}
{% test covers(
    model, column_name, expected=none, field=none, values=none, every=none, max_rate=0,
    weight=1, floor=none
) %}
    {{ verdict_of_rule() }}
{% endtest %}


{% macro covers_takes() %}
    {%- do return({'component': 'coverage', 'arguments': {
        'expected': 'table',
        'field': 'column',
        'values': 'values',
        'every': 'day'
    }}) -%}
{% endmacro %}


{% macro covers_rule(rule) %}
    {%- set arguments = rule.arguments -%}
    {%- set update = {} -%}
    {%- set present = rule.text -%}
    {%- if arguments.get('values') -%}
        {%- set members = [] -%}
        {%- for value in arguments['values'] -%}
            {%- do members.append('(' ~ (as_text('cast(' ~ bound_sql(value, rule) ~ ' as '
                ~ rule.type ~ ')', rule.type) if rule.family in ['number', 'time']
                else value_literal(value)) ~ ')') -%}
        {%- endfor -%}
        {%- do update.update({
            'says': rule.column ~ ' holds each of ' ~ arguments['values'] | join(', '),
            'expected': 'select member from (values ' ~ members | join(', ')
                ~ ') as listed (member)'
        }) -%}
    {%- elif arguments.get('every') == 'day' -%}
        {%- set time = time_sql(rule) -%}
        {%- set day = 'cast(' ~ time ~ ' as date)' -%}
        {%- set present = 'cast(' ~ day ~ ' as varchar)' -%}
        {%- do update.update({
            'says': rule.column ~ ' holds each day from its first to the last before the'
                ~ ' moment of measuring',
            'expected': 'select cast(cast(day as date) as varchar) as member from ('
                ~ 'select unnest(generate_series(min(' ~ day ~ '), cast(' ~ as_of()
                ~ " as date) - 1, interval '1 day')) as day from watched where "
                ~ time ~ ' < ' ~ as_of()
                ~ (' and (' ~ rule.where ~ ')' if rule.where else '') ~ ')'
        }) -%}
        {%- if time is none and rule.state == 'ready' -%}
            {%- do update.update({'state': 'error', 'reason': rule.column
                ~ ' holds no times'}) -%}
        {%- endif -%}
    {%- elif arguments.get('expected') and arguments.get('field') -%}
        {%- set other = other_table(rule, arguments.expected, arguments.field) -%}
        {%- do update.update({'says': rule.column ~ ' holds each '
            ~ arguments.field ~ ' of ' ~ arguments.expected}) -%}
        {%- if other.state != 'ready' -%}
            {%- do update.update(other) -%}
        {%- else -%}
            {%- set member = column_sql(arguments.field, other.table, 'other') -%}
            {%- do update.update({
                'reads': [other.unique_id],
                'expected': 'select distinct ' ~ member.text ~ ' as member from '
                    ~ other.from_sql ~ ' as other where ' ~ member.is_present
            }) -%}
        {%- endif -%}
    {%- else -%}
        {%- do update.update({'state': 'error', 'reason':
            'covers needs `expected` and `field`, or `values`, or `every: day`'}) -%}
    {%- endif -%}
    {%- if rule.where -%}
        {%- set present_rows = 'watched where (' ~ rule.where ~ ')' -%}
    {%- else -%}
        {%- set present_rows = 'watched' -%}
    {%- endif -%}
    {%- do update.update({'present': 'select ' ~ present ~ ' from ' ~ present_rows}) -%}
    {%- do return(update) -%}
{% endmacro %}
