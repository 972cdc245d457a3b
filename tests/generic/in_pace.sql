{#-
Checks that the rows of one thing do not come faster than it can make them, as the clicks of
a user do that come from a machine. Fails for every row of a span of time (a minute from its
first second to its last) in which the same thing has more than `max` rows. A time on the
full hour may be one of which only the hour or day is known: it is not checked where the
span is shorter than an hour, nor one at midnight where it is shorter than a day.

- per: the column, or list of columns, that says whose rows they are
- max: how many rows it has in a span at most
- within: the span; default `1 minute`
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test in_pace(
    model, column_name, per, max, within='1 minute', max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro in_pace_takes() %}
    {%- do return({'component': 'source', 'arguments': {
        'per': 'columns required',
        'max': 'number required',
        'within': 'span'
    }}) -%}
{% endmacro %}


{% macro in_pace_rule(rule) %}
    {%- set per = assay.as_list(rule.arguments.per) -%}
    {%- set within = rule.arguments.get('within', '1 minute') -%}
    {%- set seconds = assay.seconds(within) -%}
    {%- set update = {'says': per | join(', ') ~ ' has at most ' ~ rule.arguments.max
        ~ ' rows within ' ~ within} -%}
    {%- for column in per if assay.column_state(column, rule.table) -%}
        {%- do update.update(assay.column_state(column, rule.table)) -%}
    {%- endfor -%}
    {%- if update.get('state') or rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set time = assay.time_sql(rule) -%}
    {%- if time is none -%}
        {%- do update.update({'state': 'error', 'reason': rule.column
            ~ ' holds no times'}) -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set moment = 'epoch(' ~ time ~ ')' -%}
    {%- set conditions, things = [time ~ ' is not null'], [] -%}
    {%- if seconds < 86400 -%}
        {%- do conditions.append(moment ~ ' % ' ~ (3600 if seconds < 3600 else 86400)
            ~ ' <> 0') -%}
    {%- endif -%}
    {%- for column in per -%}
        {%- set found = assay.column_sql(column, rule.table) -%}
        {%- do conditions.append(found.is_present) -%}
        {%- do things.append(found.as_key) -%}
    {%- endfor -%}
    {%- do update.update({
        'applies': conditions | join(' and '),
        'peers': {'of': things + ['floor(' ~ moment ~ ' / ' ~ seconds ~ ')'],
            'where': conditions | join(' and '), 'with': none}
    }) -%}
    {%- set paced -%}
        select
            "row number" as record_number,
            count(*) over (
                partition by {{ things | join(', ') }}, floor({{ moment }} / {{ seconds }})
            ) as pace
        from watched
        where {{ update.applies }}{% if rule.where %} and ({{ rule.where }}){% endif %}
    {%- endset -%}
    {%- do update.update({'fails': 'watched."row number" in (select record_number from ('
        ~ paced ~ ') as paced where pace > ' ~ rule.arguments.max ~ ')'}) -%}
    {%- do return(update) -%}
{% endmacro %}
