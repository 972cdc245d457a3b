{#-
The rows of `watched` that a rule checks, or those of them that meet a condition: what
tells a row apart, `columns` (name -> SQL), and what it is counted by.
-#}
{% macro rows_of_rule(rule, columns, condition=none) %}
    {%- set slices = assay.slices(rule.table) -%}
    {%- set population = assay.population(rule) -%}
    {{- assay.start_of_rule(rule) }}
        watched."row number" as record_number,
        {{ assay.record_key(rule.table) }} as record_key,
        {%- for name, sql in columns.items() %}
        {{ sql }} as {{ name }},
        {%- endfor %}
        {{ slices.get('source_system', assay.literal(none)) }} as source_system,
        {{ slices.get('category', assay.literal(none)) }} as category,
        {{ slices.get('day', 'cast(null as date)') }} as issue_day
    from watched
    where
        {%- if condition and population != 'true' %}
        {{ population }} and
        {%- endif %}
        {{ condition or population }}
{%- endmacro %}


{#- How the select of every rule begins. -#}
{% macro start_of_rule(rule) -%}
    -- {{ rule.name }}: {{ rule.says | replace('\n', ' ') }}
    select
        {{ assay.literal(rule.name) }} as rule_name,
        {{ assay.literal(rule.column) }} as column_name,
{%- endmacro %}


{#- SQL condition of the rows that a rule checks: `where` in its YAML, and its kind. -#}
{% macro population(rule) %}
    {%- set conditions = [] -%}
    {%- for condition in [rule.where, rule.applies]
        if condition and condition != 'true' -%}
        {%- do conditions.append('(' ~ condition ~ ')') -%}
    {%- endfor -%}
    {%- do return(conditions | join(' and ') or 'true') -%}
{% endmacro %}
