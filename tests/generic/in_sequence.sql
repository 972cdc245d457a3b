{#-
Checks that the numbers of a group are 1, 2, 3 and so on, as positions in a slate or lines
of an order. Fails for a number that does not follow the one before it in its group: one
after a gap, one that repeats, one that is no whole number from 1 on, a first one other
than 1. Rows in which it or the group is missing are not checked.

- per: the column, or list of columns, that makes a group; default: the whole table
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test in_sequence(model, column_name, per=none, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro in_sequence_takes() %}
    {%- do return({'component': 'source', 'arguments': {'per': 'columns'}}) -%}
{% endmacro %}


{% macro in_sequence_rule(rule) %}
    {%- set per = assay.as_list(rule.arguments.get('per')) -%}
    {%- set update = {'says': rule.column ~ ' counts from 1 without gaps or repeats'
        ~ (' in each ' ~ per | join(', ') if per else '')} -%}
    {%- for column in per if assay.column_state(column, rule.table) -%}
        {%- do update.update(assay.column_state(column, rule.table)) -%}
    {%- endfor -%}
    {%- if update.state or rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- elif rule.family not in ['number', 'text'] -%}
        {%- do update.update({'state': 'error',
            'reason': rule.column ~ ' holds no numbers'}) -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set peer = assay.column_sql(rule.column, rule.table, 'peer') -%}
    {%- set number = assay.cast_or_null(peer.text, 'varchar', 'hugeint') -%}
    {%- set number = 'case when try_cast(' ~ peer.text ~ ' as double) = ' ~ number
        ~ ' and ' ~ number ~ ' > 0 then ' ~ number ~ ' end' -%}
    {%- set applies, groups, conditions = [rule.is_present], [], [peer.is_present] -%}
    {%- for column in per -%}
        {%- do applies.append(assay.column_sql(column, rule.table).is_present) -%}
        {%- do conditions.append(assay.column_sql(column, rule.table,
            'peer').is_present) -%}
        {%- do groups.append(assay.column_text(column, rule.table, 'peer').text) -%}
    {%- endfor -%}
    {%- if rule.where -%}{%- do conditions.append('(' ~ rule.where
        ~ ')') -%}{%- endif -%}
    {%- set in_turn -%}
        select counted
        from (
            select
                "row number" as counted,
                {{ number }} as place,
                lag({{ number }}, 1, 0) over (
                    {%- if groups %}
                    partition by {{ groups | join(', ') }}, {{ number }} is null
                    {%- else %}
                    partition by {{ number }} is null
                    {%- endif %}
                    {#- Of equal numbers the same rows fail in every build. #}
                    order by {{ ([number] + assay.row_order(rule.table)
                        + ['"row number"']) | join(', ') }}
                ) as place_before
            from watched as peer
            where {{ conditions | join(' and ') }}
        )
        where place is null or place <> place_before + 1
    {%- endset -%}
    {%- do update.update({
        'peers': {'of': groups, 'where': conditions[: 1 + per | length] | join(' and '),
            'with': none} if groups else none,
        'applies': applies | join(' and '),
        'fails': 'watched."row number" in (' ~ in_turn ~ ')'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
