{#-
Checks that one time comes before another, or a number is not above another. Fails when
the column is later than the other; rows in which either is missing are not checked. Give
one of:

- before: the column that must not be earlier, or `as_of` for times that must not lie in
  the future
- after: the time in another table from which on it may be, as in `{to:
  ref('stg_products'), field: created_at, key: product_id}`; of several rows there the
  earliest

and, as for every rule:

- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test in_order(
    model, column_name, before=none, after=none, max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro in_order_takes() %}
    {%- do return({'component': 'source', 'arguments': {
        'before': 'column',
        'after': 'field'
    }}) -%}
{% endmacro %}


{% macro in_order_rule(rule) %}
    {%- if rule.arguments.get('after') -%}
        {%- do return(assay._in_order_after(rule, rule.arguments.after)) -%}
    {%- endif -%}
    {%- set before = rule.arguments.get('before') -%}
    {%- if not before -%}
        {%- do return({'state': 'error', 'reason': 'in_order needs before or after',
            'says': rule.column ~ ' is in_order'}) -%}
    {%- endif -%}
    {%- set update = {
        'flaw': 'impossible',
        'says': rule.column ~ ' is not after '
            ~ ('the moment of measuring' if before == 'as_of' else before)
    } -%}
    {%- if rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set first = assay.time_sql(rule) or assay.finite_number(rule) -%}
    {%- set other = {'family': 'time', 'value': assay.as_of()} -%}
    {%- if before == 'as_of' -%}
        {%- set second = other.value -%}
    {%- elif assay.column_state(before, rule.table) -%}
        {%- do update.update(assay.column_state(before, rule.table)) -%}
        {%- do return(update) -%}
    {%- else -%}
        {%- set other = assay.column_text(before, rule.table) -%}
        {%- set second = assay.time_sql(other) or assay.finite_number(other) -%}
        {%- do update.update({'found': "concat_ws(' > ', " ~ rule.text ~ ', '
            ~ other.text
            ~ ')'}) -%}
    {%- endif -%}
    {#- Text is taken as a time: ordering it letter by letter would mislead. -#}
    {%- if (assay.time_sql(rule) is none) != (assay.time_sql(other) is none)
        or (assay.time_sql(rule) is none and rule.family != other.family) -%}
        {%- do update.update({'state': 'error', 'reason': rule.column ~ ' and ' ~ before
            ~ ' are not of one type'}) -%}
    {%- endif -%}
    {%- do update.update({
        'applies': '(' ~ first ~ ' is not null and ' ~ second ~ ' is not null)',
        'fails': first ~ ' > ' ~ second,
        'ages': [[first, 0]] if before == 'as_of' else []
    }) -%}
    {%- if before == 'as_of' and rule.column == rule.table.day_column
        and not assay._is_referred_to(rule.table) -%}
        {#- What happens in a time to come has not happened, but for the time of another
            zone. A product that was changed then is there all the same, and of two columns
            out of order nothing says which one is wrong. -#}
        {%- do update.update({
            'proof': 'case when ' ~ first ~ ' > ' ~ second
                ~ " + interval '1 day' then 1 else 0.5 end",
            'proven_to': 0.01
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Of a time in another table: no row there with the same key is as early. -#}
{% macro _in_order_after(rule, after) %}
    {%- set key = assay.as_list(after.key) -%}
    {%- set update = {
        'flaw': 'impossible',
        'says': rule.column ~ ' is not before the ' ~ after.field ~ ' of ' ~ after.to
    } -%}
    {%- set other = assay.other_table(rule, after.to, after.field) -%}
    {%- if other.state != 'ready' -%}
        {%- do update.update(other) -%}
    {%- endif -%}
    {%- for column in key if other.state == 'ready' -%}
        {%- do update.update(assay.column_state(column, rule.table)
            or assay.column_state(column, other.table) or {}) -%}
    {%- endfor -%}
    {%- if update.state or rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set theirs = assay.column_text(after.field, other.table, 'other') -%}
    {%- set first, second = assay.time_sql(rule), assay.time_sql(theirs) -%}
    {%- if first is none or second is none -%}
        {%- do update.update({'state': 'error', 'reason': rule.column ~ ' and '
            ~ after.field ~ ' are not both times'}) -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set conditions, ours, theirs_key = [second ~ ' is not null'], [], [] -%}
    {%- for column in key -%}
        {%- do ours.append(assay.column_text(column, rule.table).as_key) -%}
        {%- do theirs_key.append(assay.column_text(column, other.table,
            'other').as_key) -%}
        {%- do conditions.append(theirs_key[-1] ~ ' = ' ~ ours[-1]) -%}
    {%- endfor -%}
    {%- set same_thing = 'select 1 from ' ~ other.from_sql ~ ' as other where '
        ~ conditions | join(' and ') -%}
    {%- do update.update({
        'reads': [other.unique_id],
        'other': {'table': other.unique_id, 'from_sql': other.from_sql, 'ours': ours,
            'theirs': theirs_key, 'value': second},
        'applies': first ~ ' is not null and exists (' ~ same_thing ~ ')',
        'fails': 'not exists (' ~ same_thing ~ ' and ' ~ second ~ ' <= ' ~ first ~ ')'
    }) -%}
    {#- The time there may be what is wrong, as of a table that was moved. It is borne out
        by the rows here that speak of the same thing and come after it. -#}
    {%- set things = [] -%}
    {%- for column in key -%}
        {%- do things.append(assay.column_text(column, rule.table).text) -%}
    {%- endfor -%}
    {%- set borne_out -%}
        select
            peer,
            count_if(not is_early) over of_thing / (1 + count(*) over of_thing) as share
        from (
            select
                "row number" as peer,
                concat_ws('|', {{ things | join(', ') }}) as thing,
                {{ update.fails }} as is_early
            from watched
            where {{ update.applies }}
        )
        window of_thing as (partition by thing)
    {%- endset -%}
    {%- do update.update({
        'proof': '(select share from (' ~ borne_out
            ~ ') as borne_out where peer = watched."row number")',
        'proven_to': 0.01
    }) -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Whether rows of other tables refer to those of a table: they are things, no events. -#}
{% macro _is_referred_to(table) %}
    {%- set kept = assay.kept_for_run('referred_to') -%}
    {%- if not kept -%}
        {%- set names = {} -%}
        {%- for feed in assay.watched_tables() -%}
            {%- for node in assay.rule_nodes(feed) -%}
                {%- do names.update({(node.test_metadata.kwargs.get('to') | string)
                    .replace('"', "'").split("'")[1::2] | last: true}) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- do kept.update(names) -%}
    {%- endif -%}
    {%- do return(table.node.name in kept) -%}
{% endmacro %}
