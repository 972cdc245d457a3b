{#-
The cells of each watched table that a repair may change: one row per row and column that
fails a rule about its value, with the value in full and the text of the same row that
the column's `told_by` names.
-#}
{% macro failing_cells() %}
    {{- assay.of_watched_tables(assay._failing_cells, {
        'feed': 'varchar', 'column_name': 'varchar', 'record_number': 'bigint',
        'record_key': 'varchar', 'occurrence': 'bigint', 'rule_name': 'varchar',
        'flaw': 'varchar', 'is_bad': 'boolean', 'is_contested': 'boolean',
        'rule_names': 'varchar', 'is_compared': 'boolean', 'found_value': 'varchar',
        'own_text': 'varchar'}, and_issues=true) }}
{% endmacro %}


{% macro _failing_cells(table) %}
    {%- set flaws = assay.flaws_of_cells(table) -%}
    {%- if not flaws -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set selects = [] -%}
    {%- for column in flaws | map(attribute='column') | unique -%}
        {%- set select -%}
    select
        flaws.*,
        {{ assay.agreements(column,
            table) | rejectattr('to') | list != [] }} as is_compared,
        {{ assay.column_text(column, table).text }} as found_value,
        {{ assay.own_text(column, table) }} as own_text
    from watched
    inner join flaws on watched."row number" = flaws.record_number
    where flaws.column_name = {{ assay.literal(column) }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor %}
    {{ assay.flawed_cells(table, flaws, and_labels=true) }}

    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#-
The rules of a table about the values of cells: rule_name, column, flaw and rank. Of
several that a cell fails, it answers the first by rank.
-#}
{% macro flaws_of_cells(table) %}
    {%- set ranks = ['missing', 'format', 'impossible', 'orphan', 'disagreement',
        'label']
    -%}
    {%- set flaws = [] -%}
    {%- for rule in (assay.rules(table) if table.is_supplied else [])
        if rule.state == 'ready' and rule.flaw in ranks and rule.column -%}
        {%- do flaws.append({'rule_name': rule.name, 'column': rule.column,
            'flaw': rule.flaw, 'rank': ranks.index(rule.flaw)}) -%}
    {%- endfor -%}
    {%- do return(flaws) -%}
{% endmacro %}


{#-
The cells of a table that fail some of its rules, as the CTE `flaws`: one row per row and
column, with the rules that it fails; `and_labels` with the suspected labels among them,
for which many models have to be built first.
-#}
{% macro flawed_cells(table, flaws, and_labels=false) %}
    {%- set values = [] -%}
    {%- for rule in flaws -%}
        {%- do values.append('(' ~ [assay.literal(rule.rule_name),
            assay.literal(rule.flaw), rule.rank | string] | join(', ') ~ ')') -%}
    {%- endfor -%}
    rules (rule_name, flaw, flaw_rank) as (
        values {{ values | join(', ') }}
    ),

    issues as (
        select
            rule_name,
            record_number,
            record_key,
            occurrence,
            column_name
        from {{ assay.issue_model(table.feed) }}
        where record_number is not null
        {%- if and_labels and flaws | selectattr('flaw', 'equalto', 'label') | list %}
        union all
        select
            rule_name,
            record_number,
            record_key,
            occurrence,
            column_name
        from (
            {{ assay.judged_rows(ref('assay', 'int_labeled_rows'),
                ref('assay', 'int_label_scores')) | indent(12) }}
        ) as judged_rows
        where is_suspect and feed = {{ assay.literal(table.feed) }}
        {%- endif %}
    ),

    flaws as (
        select
            issues.column_name,
            issues.record_number,
            max(issues.record_key) as record_key,
            max(issues.occurrence) as occurrence,
            first(rules.rule_name order by rules.flaw_rank, rules.rule_name)
                as rule_name,
            first(rules.flaw order by rules.flaw_rank) as flaw,
            bool_or(rules.flaw not in ('disagreement', 'label')) as is_bad,
            bool_or(rules.flaw = 'disagreement') as is_contested,
            string_agg(rules.rule_name, ', ' order by rules.rule_name) as rule_names
        from issues
        inner join rules on issues.rule_name = rules.rule_name
        group by issues.column_name, issues.record_number
    )
{%- endmacro %}


{#-
The arguments of each `agrees_with` of a column. Where there is one by a key of the table
itself, without `to`, each row says on its own what is the case.
-#}
{% macro agreements(column, table) %}
    {%- set found = [] -%}
    {%- for node in assay.rule_nodes(table.feed)
        if node.test_metadata.name == 'agrees_with'
        and assay.tested_column(node, table) == column
        and assay.is_agreement(node.test_metadata.kwargs) -%}
        {%- do found.append(node.test_metadata.kwargs) -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}


{#- Whether the arguments of an `agrees_with` are of the kinds that they must be. -#}
{% macro is_agreement(given) %}
    {%- do return(assay.is_texts(given.key) and ('to' not in given
        or assay.is_text(given.to))
        and ('field' not in given or assay.is_text(given.field))) -%}
{% endmacro %}


{#- SQL of the texts of a row that name the value of a column, as its YAML says. -#}
{% macro own_text(column, table) %}
    {%- set texts = [] -%}
    {%- for name in assay.as_list(assay.column_meta(column, table).get('told_by'))
        if name in table.columns and name not in table.not_supplied -%}
        {%- do texts.append(assay.column_text(name, table).text) -%}
    {%- endfor -%}
    {%- do return("concat_ws(' ', " ~ texts | join(', ') ~ ')' if texts
        else 'cast(null as varchar)') -%}
{% endmacro %}


{#- What the YAML of a table says under `config.meta` of a column. -#}
{% macro column_meta(column, table) %}
    {%- for node_column in table.node.columns.values() if node_column.name == column -%}
        {%- do return((node_column.config.meta if node_column.config else none)
            or node_column.meta or {}) -%}
    {%- endfor -%}
    {%- do return({}) -%}
{% endmacro %}
