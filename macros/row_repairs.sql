{#-
What may be done with whole rows of each watched table that fail a rule, and with a key that
refers to nothing; one row per failing row and rule.
A rule says under `config.meta.repair` what becomes of its failing rows; by default

drop         a row that occurs twice (not_repeated)
quarantine   a row that refers to nothing by a column that must be there, or that comes
             after the moment of measuring
empty        another key that refers to nothing; with `repair: empty` on not_missing, a
             placeholder such as `N/A`
none         anything else: a wrong value is no reason to lose the row
-#}
{% macro row_repairs() %}
    {{- of_watched_tables(_row_repairs, {
        'feed': 'varchar', 'rule_name': 'varchar', 'column_name': 'varchar',
        'record_number': 'bigint', 'record_key': 'varchar', 'occurrence': 'bigint',
        'method': 'varchar', 'action': 'varchar', 'found_value': 'varchar',
        'reason': 'varchar', 'confidence': 'double'}) }}
{% endmacro %}


{% macro _row_repairs(table) %}
    {%- set selects, has_repeats = [], [] -%}
    {%- for rule in (rules(table) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {%- set action = _row_action(rule) -%}
        {%- if action != 'none' -%}
            {%- if action == 'drop' -%}{%- do has_repeats.append(rule) -%}{%- endif -%}
            {%- do selects.append(_row_repair(rule, action)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not selects -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set contents = row_order(table, 'watched.') -%}
    {%- set key_columns = [] -%}
    {%- for column in table.key -%}
        {%- do key_columns.append('watched.' ~ quoted(column)) -%}
    {%- endfor -%}
    {%- set but_for_key = contents | reject('in', key_columns) | list -%}
    {#- As not_repeated orders them: the row that it does not fail is no copy. -#}
    {%- set first_row = (contents + ['"row number"']) | join(', ') %}
    issues as (
        select * from {{ ref('int_' ~ table.feed ~ '_issues') }}
        where record_number is not null
    ),

    rates as (
        select
            rule_name,
            failure_rate
        from {{ ref('int_measures') }}
        where slice_type = 'all'
    )
    {%- if has_repeats %},

    {#- Which rows say no more than an earlier one; of most rows the hash is enough. #}
    copies as (
        select
            "row number" as record_number,
            row_number() over (
                partition by {{ contents | join(', ') }} order by "row number"
            ) > 1 as is_copy,
            row_number() over (
                partition by {{ (but_for_key or contents) | join(', ') }}
                order by {{ first_row }}
            ) > 1 as is_copy_but_for_key
        from watched
        where hash({{ (but_for_key or contents) | join(', ') }}) in (
            select hash({{ (but_for_key or contents) | join(', ') }}) as content_hash
            from watched
            group by content_hash
            having count(*) > 1
        )
    )
    {%- endif %}

    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{% macro _row_action(rule) %}
    {%- set given = rule.meta.get('repair') -%}
    {%- if given -%}
        {%- do return(given) -%}
    {%- elif rule.flaw == 'repeat' -%}
        {%- do return('drop') -%}
    {%- elif rule.flaw == 'impossible' and rule.arguments.get('before') == 'as_of' -%}
        {%- do return('quarantine') -%}
    {%- elif rule.flaw == 'orphan' -%}
        {%- do return('quarantine' if must_be_there(rule.column, rule.table) else 'empty')
        -%}
    {%- endif -%}
    {%- do return('none') -%}
{% endmacro %}


{#- Whether a column is part of the key, or has a rule that it be there. -#}
{% macro must_be_there(column, table) %}
    {%- for node in rule_nodes(table.feed) if not node.config.where
        and node.test_metadata.name in ['not_missing', 'not_null']
        and node.test_metadata.kwargs.get('column_name') == column -%}
        {%- do return(true) -%}
    {%- endfor -%}
    {%- do return(column in table.key) -%}
{% endmacro %}


{% macro _row_repair(rule, action) %}
    {%- set flaw = 'impossible' if rule.flaw == 'format' else rule.flaw -%}
    {%- set columns = as_list(rule.arguments.get('columns') or rule.column)
        | reject('in', rule.table.not_supplied) | list -%}
    {%- set is_key = columns | sort == rule.table.key | sort %}
    select
        issues.rule_name,
        {{ literal(rule.column if action == 'empty' else none) }} as column_name,
        issues.record_number,
        issues.record_key,
        issues.occurrence,
        {{ literal(flaw) }} as method,
        {{ literal(action) }} as action,
        issues.found_value,
        {%- if action == 'drop' %}
        case
            when copies.is_copy then 'the same as an earlier row in every column'
            {%- if not is_key %}
            when copies.is_copy_but_for_key
                then 'the same as an earlier row in every column but the key'
            {%- endif %}
            else {{ literal('another row has the same ' ~ columns | join(', ')
                ~ ', but differs elsewhere') }}
        end as reason,
        case
            when copies.is_copy then 1
            {%- if not is_key %}
            when copies.is_copy_but_for_key then 0.99
            {%- endif %}
            else 0.5
        end as confidence
        {%- elif rule.flaw == 'orphan' %}
        case
            when count(*) over (partition by issues.found_value) = 1
                then 'refers to nothing, and no other row names it'
            else 'refers to nothing, but ' || count(*) over (
                partition by issues.found_value
            ) || ' rows name it: the other table may lack it'
        end as reason,
        {#- Where many refer to nothing, it is the other table that has gaps. #}
        (1 - rates.failure_rate) * case
            when count(*) over (partition by issues.found_value) = 1 then 1
            else 0.5
        end as confidence
        {%- elif rule.flaw == 'missing' and action == 'empty' %}
        'it stands for no value' as reason,
        1 as confidence
        {%- else %}
        {{ rule.because or literal('cannot be: it must hold that ' ~ rule.says) }} as reason,
        1 - rates.failure_rate as confidence
        {%- endif %}
    from issues
    inner join rates on issues.rule_name = rates.rule_name
    {%- if action == 'drop' %}
    left join copies on issues.record_number = copies.record_number
    {%- endif %}
    where issues.rule_name = {{ literal(rule.name) }}
    {%- if rule.flaw == 'missing' and action == 'empty' %}
        and issues.found_value <> ''
    {%- endif %}
{%- endmacro %}
