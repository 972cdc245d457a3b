{#-
The rows of each watched table that its learned rules check, one select per rule, with
their labels and texts as found.
-#}
{% macro labeled_rows() %}
    {{- assay.of_watched_tables(assay._labeled_rows, {
        'feed': 'varchar', 'rule_name': 'varchar', 'column_name': 'varchar',
        'record_number': 'bigint', 'record_key': 'varchar', 'label': 'varchar',
        'labeled_text': 'varchar', 'other_text': 'varchar', 'source_system': 'varchar',
        'category': 'varchar', 'issue_day': 'date', 'occurrence': 'bigint'}) }}
{% endmacro %}


{% macro _labeled_rows(table) %}
    {%- set selects = [] -%}
    {#- To evaluate the other rules once more, hundreds maybe, would take its time. -#}
    {%- for rule in (assay.rules(table, learned_only=true) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {%- do selects.append(assay.rows_of_rule(rule, {
            'label': rule.found,
            'labeled_text': rule.learns.text,
            'other_text': rule.learns.other_text or assay.literal(none)
        })) -%}
    {%- endfor -%}
    {%- if selects %}
    repeated_keys as materialized (
        {{ assay.repeated_keys(table) }}
    ),

    labeled as (
        {{ selects | join('\n\n    union all\n\n    ') }}
    )

    select
        labeled.*,
        coalesce(repeated_keys.occurrence, 1) as occurrence
    from labeled
    left join repeated_keys on labeled.record_number = repeated_keys.record_number
    {%- endif -%}
{% endmacro %}
