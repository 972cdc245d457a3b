{#- The rules of all watched tables as rows: what each checks, and whether it could. -#}
{% macro rule_list() %}
    {%- set rows, known = [], assay.what_is_known() -%}
    {%- for feed in assay.watched_tables() -%}
        {%- set table = assay.watched_table(feed, known) -%}
        {%- for rule in assay.rules(table) -%}
            {%- do rows.append([
                assay.literal(rule.name), assay.literal(feed),
                assay.literal(table.node.name),
                assay.literal(rule.column), assay.literal(rule.kind),
                assay.literal(rule.says),
                assay.literal(rule.dimension), assay.literal(rule.component),
                'cast(' ~ rule.weight ~ ' as double)',
                'cast(' ~ rule.max_rate ~ ' as double)',
                assay.literal(rule.severity), assay.literal(rule.where),
                'cast(' ~ (rule.floor.over if rule.floor else 'null') ~ ' as double)',
                'cast(' ~ (rule.floor.index if rule.floor else 'null') ~ ' as double)',
                'cast(' ~ (rule.cycle_seconds or 'null') ~ ' as double)',
                'true' if rule.judged else 'false',
                assay.literal(rule.flaw), assay.literal(rule.state),
                assay.literal(rule.reason)
            ] | join(', ')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set names = 'rule_name, feed, model_name, column_name, rule_kind, description,'
        ~ ' dimension, component, weight, max_rate, severity, row_filter, floor_over,'
        ~ ' floor_index, cycle_seconds, is_judged_whole, flaw, state, reason' -%}
    {#- Without a rule there is no row, but its columns. -#}
    {%- set text, number = 'cast(null as varchar)', 'cast(null as double)' -%}
    {%- set no_row = [text] * 8 + [number] * 2 + [text] * 2 + [number] * 3
        + ['false'] + [text] * 3 -%}
select *
from (
    values
    ({{ (rows or [no_row | join(', ')]) | join('),\n    (') }})
) as rule ({{ names }})
where rule_name is not null
{%- endmacro %}
