{#-
Checks that a row was not cancelled by another one, as a purchase is by its cancellation.
Fails for the last row, before the one that cancels it, with the same key and the same
amount of the other sign; found is the key of the row that cancels it.

- by: SQL condition of the rows that cancel another
- key: the column, or list of columns, in which the two agree
- amount: the number that is of the other sign in the row that cancels
- at: the time that says which came before
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test not_cancelled(model, by, key, amount, at, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro not_cancelled_takes() %}
    {%- do return({'component': 'source', 'arguments': {
        'by': 'text required',
        'key': 'columns required',
        'amount': 'column required',
        'at': 'column required'
    }}) -%}
{% endmacro %}


{% macro not_cancelled_rule(rule) %}
    {%- set arguments = rule.arguments -%}
    {%- set columns = assay.as_list(arguments.key) + [arguments.amount,
        arguments.at] -%}
    {%- set update = {
        'flaw': 'impossible',
        'because': "'cancelled by ' || issues.found_value",
        'proof': '1',
        'says': 'no row where ' ~ arguments.by ~ ' cancels it'
    } -%}
    {%- for column in columns if assay.column_state(column, rule.table) -%}
        {%- do update.update(assay.column_state(column, rule.table)) -%}
    {%- endfor -%}
    {%- if not update.state and not assay.can_run(
        'select 1 from ' ~ rule.table.relation ~ ' where ' ~ arguments.by) -%}
        {%- do update.update({'state': 'error',
            'reason': '`by` cannot be evaluated: ' ~ arguments.by}) -%}
    {%- endif -%}
    {%- if update.state -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set agree, present = [], [] -%}
    {%- for column in assay.as_list(arguments.key) -%}
        {%- set found = assay.column_text(column, rule.table, 'watched') -%}
        {%- do agree.extend(found.exact) -%}
        {%- do present.append('not ' ~ found.is_null) -%}
    {%- endfor -%}
    {%- set amount, at = assay.quoted(arguments.amount), assay.quoted(arguments.at) -%}
    {%- set cancels = 'coalesce(' ~ arguments.by ~ ', false)' -%}
    {%- set agree_and_amount = '(' ~ agree | join(', ') ~ ', case when ' ~ cancels
        ~ ' then -' ~ amount ~ ' else ' ~ amount ~ ' end)' -%}
    {#- Of rows that agree, in the order of time, the one before a row that cancels; of one
        time, in the order of all columns, which no build changes. An as-of join would
        take any of those with the same time. Few rows agree with one that cancels: only
        they are sorted. -#}
    {%- set cancelled -%}
        select cancelled_row, cancelled_by
        from (
            select
                "row number" as cancelled_row,
                {{ cancels }} as cancels,
                lead({{ cancels }}) over by_time as is_cancelled,
                lead({{ assay.record_key(rule.table) }}) over by_time as cancelled_by
            from watched
            where {{ present | join(' and ') }}
                and {{ amount }} is not null and {{ at }} is not null
                and {{ agree_and_amount }} in (
                    select {{ agree_and_amount }}
                    from watched
                    where {{ cancels }} and {{ present | join(' and ') }}
                        and {{ amount }} is not null
                )
            window by_time as (
                partition by {{ agree_and_amount }}
                order by {{ at }}, {{ cancels }},
                    {{ assay.row_order(rule.table, 'watched.') | join(', ') }},
                    "row number"
            )
        )
        where is_cancelled and not cancels
    {%- endset -%}
    {%- do update.update({
        'peers': {'of': [agree_and_amount], 'where': present | join(' and ') ~ ' and '
            ~ amount ~ ' is not null', 'with': cancels},
        'applies': 'not coalesce(' ~ arguments.by ~ ', false)',
        'fails': 'watched."row number" in (select cancelled_row from (' ~ cancelled
        ~ '))',
        'found': '(select cancelled_by from (' ~ cancelled
            ~ ') as pairs where pairs.cancelled_row = watched."row number")'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
