{#-
The rows of one watched table that its learned rules check, one select per rule, with
their labels and texts as found, to be added to no_labeled_rows(); nothing where the table
has no such rule.
-#}
{% macro labeled_rows(feed, known) %}
    {%- set table = watched_table(feed, known) -%}
    {%- set selects = [] -%}
    {#- To evaluate the other rules once more, hundreds maybe, would take its time. -#}
    {%- for rule in (rules(table, learned_only=true) if table.is_supplied else [])
        if rule.state == 'ready' -%}
        {%- do selects.append(rows_of_rule(rule, {
            'label': rule.found,
            'labeled_text': rule.learns.text,
            'other_text': rule.learns.other_text or literal(none)
        })) -%}
    {%- endfor -%}
    {%- if not selects -%}
        {%- do return('') -%}
    {%- endif %}
union all
select *
from (
    with watched as {{ watched_rows(tested_relation(table), table) }},

    repeated_keys as materialized (
        {{ repeated_keys(table) }}
    ),

    labeled as (
        {{ selects | join('\n\n    union all\n\n    ') }}
    )

    select
        {{ literal(feed) }} as feed,
        labeled.*,
        coalesce(repeated_keys.occurrence, 1) as occurrence
    from labeled
    left join repeated_keys on labeled.record_number = repeated_keys.record_number
)
{% endmacro %}


{#- The columns of labeled_rows(), without a row. -#}
{% macro no_labeled_rows() %}
select
    cast(null as varchar) as feed,
    cast(null as varchar) as rule_name,
    cast(null as varchar) as column_name,
    cast(null as bigint) as record_number,
    cast(null as varchar) as record_key,
    cast(null as varchar) as label,
    cast(null as varchar) as labeled_text,
    cast(null as varchar) as other_text,
    cast(null as varchar) as source_system,
    cast(null as varchar) as category,
    cast(null as date) as issue_day,
    cast(null as bigint) as occurrence
where false
{% endmacro %}
