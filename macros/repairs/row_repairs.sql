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

That a rule was declared is no evidence about a row: a price of 0 may be a gift, a
quantity of -1 a return, and the limit may be what is wrong. What proves that this very
row cannot be is the `proof` of its kind of rule (a time that has not come yet, another
row that cancels it); without one the odds are even, and it is proposed, whatever its rule
says under `repair`.
-#}
{% macro row_repairs() %}
    {{- assay.of_watched_tables(assay._row_repairs, {
        'feed': 'varchar', 'rule_name': 'varchar', 'column_name': 'varchar',
        'record_number': 'bigint', 'record_key': 'varchar', 'occurrence': 'bigint',
        'method': 'varchar', 'action': 'varchar', 'found_value': 'varchar',
        'reason': 'varchar', 'confidence': 'double'}, and_issues=true) }}
{% endmacro %}


{% macro _row_repairs(table) %}
    {%- set selects, has_repeats = [], [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {%- set action = assay._row_action(rule) -%}
        {%- if action != 'none' -%}
            {%- if action == 'drop' -%}{%- do has_repeats.append(rule) -%}{%- endif -%}
            {%- do selects.append(assay._row_repair(rule, action)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not selects -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set contents = assay.row_order(table, 'watched.') -%}
    {%- set key_columns = [] -%}
    {%- for column in table.key -%}
        {%- do key_columns.append('watched.' ~ assay.quoted(column)) -%}
    {%- endfor -%}
    {%- set but_for_key = contents | reject('in', key_columns) | list -%}
    {#- As not_repeated orders them: the row that it does not fail is no copy. -#}
    {%- set first_row = (contents + ['"row number"']) | join(', ') %}
    issues as (
        select
            rule_name, record_number, record_key, occurrence, found_value
        from {{ assay.issue_model(table.feed) }}
        where record_number is not null
    ),

    {#- As int_measures rates them, which waits for the labels. #}
    rates as (
        select
            checked.rule_name,
            sum(failing.error_probability) / max(checked.rows_checked) as failure_rate
        from {{ ref('assay', 'int_rows_checked') }} as checked
        inner join {{ assay.issue_model(table.feed) }} as failing
            on checked.rule_name = failing.rule_name
        where
            checked.feed = {{ assay.literal(table.feed) }}
            and checked.slice_type = 'all'
        group by checked.rule_name
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
        where {{ assay.row_hash(but_for_key or contents) }} in (
            select {{ assay.row_hash(but_for_key or contents) }} as content_hash
            from watched
            group by all
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
        {%- do return('quarantine' if assay.must_be_there(rule.column, rule.table)
            else 'empty')
        -%}
    {%- endif -%}
    {%- do return('none') -%}
{% endmacro %}


{#- Whether a column is part of the key, or has a rule that it be there. -#}
{% macro must_be_there(column, table) %}
    {%- for node in assay.rule_nodes(table.feed) if not node.config.where
        and node.test_metadata.name in ['not_missing', 'not_null']
        and assay.tested_column(node, table) == column -%}
        {%- do return(true) -%}
    {%- endfor -%}
    {%- do return(column in table.key) -%}
{% endmacro %}


{% macro _row_repair(rule, action) %}
    {%- set flaw = 'impossible' if rule.flaw == 'format' else rule.flaw -%}
    {%- set columns = assay.as_list(rule.arguments.get('columns') or rule.column)
        | reject('in', rule.table.not_supplied) | list -%}
    {%- set is_key = columns | sort == rule.table.key | sort %}
    {#- Where many rows fail, even a proof speaks of the table: `as_of`, or the times of
        another one, are what is wrong. -#}
    {%- set proof = rule.proof or 'null' -%}
    {%- set is_proven = 'false' if not rule.proof else '(' ~ proof ~ ' > 0.5 and '
        ~ ('rates.failure_rate <= ' ~ rule.proven_to if rule.proven_to else 'true')
        ~ ')' %}
    select
        issues.rule_name,
        {{ assay.literal(rule.column if action == 'empty' else none) }} as column_name,
        issues.record_number,
        issues.record_key,
        issues.occurrence,
        {{ assay.literal(flaw) }} as method,
        {{ assay.literal(action) }} as action,
        issues.found_value,
        {%- if action == 'drop' %}
        case
            when copies.is_copy then 'the same as an earlier row in every column'
            {%- if not is_key %}
            when copies.is_copy_but_for_key
                then 'the same as an earlier row in every column but the key'
            {%- endif %}
            else {{ assay.literal('another row has the same ' ~ columns | join(', ')
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
        {#- Where many refer to nothing, it is the other table that has gaps. Of the keys
            that it lacks some are named by one row alone, as of those that it has. #}
        (1 - rates.failure_rate) * case
            when count(*) over (partition by issues.found_value) = 1
                then greatest(0, 1 - gaps.lone_gaps)
            else 0.5
        end as confidence
        {%- elif rule.flaw == 'missing' and action == 'empty' %}
        'it stands for no value' as reason,
        1 as confidence
        {%- else %}
        {%- set broken = 'it must hold that ' ~ rule.says %}
        case
            when {{ is_proven }}
                then {{ rule.because or assay.literal('cannot be: ' ~ broken) }}
            else {{ assay.literal('a rule alone says that it cannot be: ' ~ broken
                ~ '; rows that fail it: ') }} || count(*) over ()
        end as reason,
        (1 - rates.failure_rate)
        * case when {{ is_proven }} then {{ proof }} else 0.5 end as confidence
        {%- endif %}
    from issues
    inner join rates on issues.rule_name = rates.rule_name
    {%- if action != 'drop' and rule.flaw == 'orphan' %}
    cross join (
        {{ assay._lone_gaps(rule) }}
    ) as gaps
    {%- elif is_proven != 'false' %}
    inner join watched on issues.record_number = watched."row number"
    {%- endif %}
    {%- if action == 'drop' %}
    left join copies on issues.record_number = copies.record_number
    {%- endif %}
    where issues.rule_name = {{ assay.literal(rule.name) }}
    {%- if rule.flaw == 'missing' and action == 'empty' %}
        and issues.found_value <> ''
    {%- endif %}
{%- endmacro %}


{#-
Of the keys that refer to nothing and are named by one row alone, the share that is to be
expected to be gaps of the other table, as one `lone_gaps`: as many, for each key that
several rows name, as there are among the keys that it has.
-#}
{% macro _lone_gaps(rule) %}
        select
            count_if(is_gap and rows_naming > 1)
            * (count_if(not is_gap and rows_naming = 1) + 0.5)
            / (count_if(not is_gap and rows_naming > 1) + 0.5)
            / nullif(count_if(is_gap and rows_naming = 1), 0) as lone_gaps
        from (
            select
                {{ rule.text }} as named,
                bool_or(failing.record_number is not null) as is_gap,
                count(*) as rows_naming
            from watched
            left join issues as failing
                on
                    watched."row number" = failing.record_number
                    and failing.rule_name = {{ assay.literal(rule.name) }}
            where {{ assay.population(rule) }}
            group by all
        )
{%- endmacro %}
