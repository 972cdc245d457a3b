{#-
The issue model of one watched table, in one line: one row per failing row and rule.

Walks the generic tests in the table's YAML and writes one small select per rule. Nothing
is measured before every feed could be read: every issue model waits for int_feeds_ready.
Other tables that its rules look at are named here as well, so that lineage shows them:
issues(ref('orders'), ref('customers')).
-#}
{% macro issues(relation) %}
    {%- do assay.only_with_feeds(model.name[4:-7]) -%}
    {%- if assay.is_read_by_file(model.name[4:-7]) -%}
        {{- config(materialized='by_change') -}}
    {%- endif -%}
    {#- Jinja takes further relations only where it sees `varargs`. -#}
    {%- set others = varargs -%}
-- depends_on: {{ ref('assay', 'int_feeds_ready') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set feed = model.name[4:-7] -%}
    {%- if model.name != 'int_' ~ feed ~ '_issues'
        or feed not in assay.watched_tables() -%}
        {%- do exceptions.raise_compiler_error('The issue model ' ~ model.name
            ~ ' must be'
            ~ ' named int_<table>_issues, with <table> listed in the var `watched`; listed'
            ~ ' are ' ~ assay.watched_tables() | join(', ') ~ '.') -%}
    {%- endif -%}
    {%- set table = assay.watched_table(feed, assay.what_is_known()) -%}
    {%- set rules = assay._rules_of_issues(table) -%}
    {%- set plan = assay.issues_to_renew(relation, table, rules)
        if assay.is_read_by_file(feed) else {'is_whole': true} -%}
    {%- if plan.is_whole -%}
        {{- assay.issues_of_rules(rules, relation, table) }}
    {%- else %}
select * from (
        {{- assay.issues_of_rules(plan.of_rows, plan.rows_to_judge, table) }}
)
union all
select * from (
        {{- assay.issues_of_rules(plan.of_table, relation, table, plan.kept_tallies) }}
)
    {%- endif -%}
{% endmacro %}


{#- The issues of one watched table, found in a relation that holds its rows. -#}
{% macro issues_of(feed, relation, known) %}
    {%- set table = assay.watched_table(feed, known) -%}
    {{- assay.issues_of_rules(assay._rules_of_issues(table), relation, table) }}
{% endmacro %}


{#- The rules of a table whose failing rows SQL finds. -#}
{% macro _rules_of_issues(table) %}
    {%- set rules = [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {#- Repaired tables come after the issue models, and what those read. -#}
        {%- for unique_id in rule.reads
            if unique_id not in model.depends_on.nodes and not table.known.version -%}
            {%- do exceptions.raise_compiler_error('Rule ' ~ rule.name ~ ' reads '
                ~ unique_id ~ ': name it in ' ~ model.name ~ ', as in '
                ~ "issues(ref('" ~ table.node.name ~ "'), ref('"
                ~ unique_id.split('.')[-1] ~ "')).") -%}
        {%- endfor -%}
        {%- if not rule.learns -%}
            {%- do rules.append(rule) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(rules) -%}
{% endmacro %}


{#-
The issues that some rules find in the rows of a relation; what a rule asks of all rows
(`tally`) may be kept already, by rule, in a relation.
-#}
{% macro issues_of_rules(rules, relation, table, kept_tallies={}) %}
    {%- set selects = [] -%}
    {%- for rule in rules -%}
        {%- set select = assay.failing_rows(rule) -%}
        {%- if rule.name in kept_tallies -%}
            {%- set select = select.replace(rule.tally.sql, kept_tallies[rule.name]) -%}
        {%- endif -%}
        {%- set narrow = assay.rows_for(select, relation, table, otherwise=none) -%}
        {%- do selects.append(select if narrow is none
            else '(with watched as ' ~ narrow ~ '\n' ~ select ~ ')') -%}
    {%- endfor -%}
    {#- Of a table alone no row is told apart. -#}
    {%- set are_of_rows = rules | selectattr('fails') | list | length > 0 %}

with watched as {{ assay.watched_rows(relation, table) }},

repeated_keys as materialized (
    {{ assay.repeated_keys(table) }}
),

failing as (
    {{ selects | join('\n\n    union all\n\n    ') if selects else assay._no_rows() }}
)

select
    {{ assay.literal(table.feed) }} as feed,
    failing.rule_name,
    failing.record_number,
    failing.record_key,
    {%- if are_of_rows %}
    case
        when failing.record_number is not null
            then coalesce(repeated_keys.occurrence, 1)
    end as occurrence,
    {%- else %}
    cast(null as bigint) as occurrence,
    {%- endif %}
    failing.column_name,
    {#- Evidence, not a copy: a text of a megabyte is cut. -#}
    left(failing.found_value, 1000) as found_value,
    cast(null as varchar) as suggested_value,
    failing.error_probability,
    failing.source_system,
    failing.category,
    failing.issue_day
from failing
    {%- if are_of_rows %}
left join repeated_keys on failing.record_number = repeated_keys.record_number
    {%- endif %}
{% endmacro %}


{#-
The rows of a watched table, each with a number that tells it apart, and with whether the
columns that rules ask of are missing. To be written after the rules.
-#}
{% macro watched_rows(relation, table) %}
    {%- do return(assay._selected_rows(relation, table,
        assay.row_number(relation, table))) -%}
{% endmacro %}


{#-
The rows with only the columns that some SQL names; where that cannot be told, with all of
them, or what stands in `otherwise`.
-#}
{% macro rows_for(sql, relation, table, otherwise='all') %}
    {%- set row_number = assay.row_number(relation, table) -%}
    {%- set named = none if row_number.is_counted or table.expressions
        else assay.columns_named(sql, table) -%}
    {%- if named is none -%}
        {%- do return(assay._selected_rows(relation, table, row_number)
            if otherwise == 'all' else none) -%}
    {%- endif -%}
    {%- do return(assay._selected_rows(relation, table, row_number, named,
        sql | lower)) -%}
{% endmacro %}


{#- Of all columns, or of those that the SQL of one rule, in lower case, names. -#}
{% macro _selected_rows(relation, table, row_number, columns=none, sql=none) %}
    {%- set selected = ['*'] if columns is none else [] -%}
    {%- for column in columns or [] -%}
        {%- do selected.append(assay.quoted(column)) -%}
    {%- endfor -%}
    {%- do selected.append(row_number.sql ~ ' as "row number"') -%}
    {%- if table.expressions -%}
        {%- for expression in table.expressions -%}
            {%- do selected.append(assay.sql_of(expression) ~ ' as '
                ~ assay.quoted(expression)) -%}
        {%- endfor -%}
        {%- set relation = '(select ' ~ selected | join(', ') ~ ' from ' ~ relation
            ~ ')' -%}
        {%- set selected = ['*'] -%}
    {%- endif -%}
    {%- for column in (table.is_missing if columns is none else columns)
        if column in table.is_missing
        and (sql is none or assay.quoted(column ~ ' is missing') | lower in sql) -%}
        {%- do selected.append(table.is_missing[column] ~ ' as '
            ~ assay.quoted(column ~ ' is missing')) -%}
    {%- endfor -%}
    {%- if not table.key and (sql is none or '"record key"' in sql) -%}
        {%- do selected.append(assay.content_key(table) ~ ' as "record key"') -%}
    {%- endif -%}
    {%- do return(('materialized' if row_number.is_counted else 'not materialized')
        ~ ' (\n    select ' ~ selected | join(', ') ~ '\n    from ' ~ relation
        ~ '\n)') -%}
{% endmacro %}


{#-
What numbers the rows of a relation, as `sql`, and whether it is counted. A view has no
rowid; its rows are read once and numbered, in an order that the next model finds again
where two must speak of the same row.
-#}
{% macro row_number(relation, table) %}
    {%- if assay.has_record_number(table) -%}
        {%- do return({'sql': 'record_number', 'is_counted': false}) -%}
    {%- endif -%}
    {%- set found = load_relation(relation) -%}
    {%- if found is not none and found.is_table and not flags.EMPTY -%}
        {%- do return({'sql': 'rowid', 'is_counted': false}) -%}
    {%- endif -%}
    {%- set counted = 'row_number() over (order by '
        ~ assay.row_order(table, '') | join(', ') ~ ')' -%}
    {%- do return({'sql': counted, 'is_counted': true}) -%}
{% endmacro %}


{#- Whether a table holds the number of each of its rows: staging and repaired tables. -#}
{% macro has_record_number(table) %}
    {%- do return('record_number' in table.columns
        and (table.feed in assay.feed_names() or table.known.version != '')) -%}
{% endmacro %}


{#-
The key columns of a row as one text; a bar or backslash within a value is escaped. A row
of a table without a key is known by its content.
-#}
{% macro record_key(table, row='watched') %}
    {%- if not table.key -%}
        {%- do return(row ~ '."record key"') -%}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for column in table.key -%}
        {%- set text = "coalesce(" ~ assay.column_text(column, table, row).text
            ~ ", '')" -%}
        {%- do parts.append(text if table.key | length == 1
            else "replace(replace(" ~ text ~ ", '\\', '\\\\'), '|', '\\|')") -%}
    {%- endfor -%}
    {%- do return(parts | join(" || '|' || ")) -%}
{% endmacro %}


{#- What a row holds, as a text of one length: md5 of the row as the engine writes it. -#}
{% macro content_key(table) %}
    {%- set members = [] -%}
    {%- for column in assay.row_order(table, '') -%}
        {%- do members.append(assay.literal(column[1:-1].replace('""', '"')) ~ ': ' ~ column) -%}
    {%- endfor -%}
    {%- do return('md5(cast({' ~ members | join(', ') ~ '} as varchar))') -%}
{% endmacro %}


{#- The columns by which issues and rows are counted: SQL of each, or a null. -#}
{% macro slices(table, row='watched') %}
    {%- set slices = {} -%}
    {%- for slice in ['source_system', 'category', 'day'] -%}
        {%- set column = table[slice ~ '_column'] -%}
        {%- if column and column in table.columns
            and column not in table.not_supplied -%}
            {%- set found = assay.column_text(column, table, row) -%}
            {%- do slices.update({slice: 'cast(' ~ assay.cast_or_null(
                found.value, found.type, 'timestamp') ~ ' as date)' if slice == 'day'
                else found.text}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(slices) -%}
{% endmacro %}


{#- The failing rows of one rule, of `watched`. -#}
{% macro failing_rows(rule) %}
    {%- if not rule.expected and not rule.newest and not rule.judged -%}
        {%- do return(assay.rows_of_rule(rule, {
            'found_value': rule.found, 'error_probability': rule.error_probability
        }, rule.fails)) -%}
    {%- endif -%}
    {{- assay.start_of_rule(rule) }}
        {%- if rule.expected %}
        cast(null as bigint) as record_number,
        expected.member as record_key,
        cast(null as varchar) as found_value,
        cast(1 as double) as error_probability,
        cast(null as varchar) as source_system,
        cast(null as varchar) as category,
        cast(null as date) as issue_day
    from ({{ rule.expected }}) as expected
    where expected.member not in (
        select member from ({{ rule.present }}) as present (member)
        where member is not null
    )
        {%- elif rule.judged %}
        cast(null as bigint) as record_number,
        judged.member as record_key,
        judged.found as found_value,
        judged.rate as error_probability,
        judged.source_system,
        cast(null as varchar) as category,
        cast(null as date) as issue_day
    from ({{ rule.judged }}) as judged
    where judged.rate > 0
        {%- else %}
        cast(null as bigint) as record_number,
        cast(null as varchar) as record_key,
        cast(newest.newest_at as varchar) as found_value,
        coalesce(
            1 - {{ rule.cycle_seconds }} / {{ assay.seconds_between(
                'newest.newest_at', assay.as_of()) }}, 1
        ) as error_probability,
        cast(null as varchar) as source_system,
        cast(null as varchar) as category,
        cast(newest.newest_at as date) as issue_day
    from (
        select max({{ rule.newest }}) as newest_at
        from watched
        where {{ rule.newest }} <= {{ assay.as_of() }}
            {%- if rule.where %} and ({{ rule.where }}){% endif %}
    ) as newest
    where coalesce(
        {{ assay.seconds_between('newest.newest_at', assay.as_of())
            }} > {{ rule.cycle_seconds }}, true
    )
        {%- endif %}
{%- endmacro %}


{% macro _no_rows() %}
    select
        cast(null as varchar) as rule_name,
        cast(null as varchar) as column_name,
        cast(null as bigint) as record_number,
        cast(null as varchar) as record_key,
        cast(null as varchar) as found_value,
        cast(null as double) as error_probability,
        cast(null as varchar) as source_system,
        cast(null as varchar) as category,
        cast(null as date) as issue_day
    where false
{%- endmacro %}
