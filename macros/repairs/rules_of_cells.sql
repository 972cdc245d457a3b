{#-
The rules about the values of cells as rows: feed, rule_name, flaw and flaw_rank. Of
several that a cell fails, it answers the first by rank.
-#}
{% macro rules_of_cells() %}
    {%- set rows, known = [], assay.what_is_known() -%}
    {%- for feed in assay.watched_tables() -%}
        {%- set table = assay.watched_table(feed, known) -%}
        {%- for rule in (assay.rules(table) if table.is_supplied else [])
            if rule.state == 'ready' and rule.flaw in assay.flaws_of_cells()
            and rule.column -%}
            {%- do rows.append([assay.literal(feed), assay.literal(rule.name),
                assay.literal(rule.flaw), assay.flaws_of_cells().index(rule.flaw)]
                | join(', ')) -%}
        {%- endfor -%}
    {%- endfor -%}
    select *
    from (
        values
        ({{ (rows or ['null, null, null, null']) | join('),\n        (') }})
    ) as rule (feed, rule_name, flaw, flaw_rank)
{%- endmacro %}


{% macro flaws_of_cells() %}
    {%- do return(['missing', 'format', 'impossible', 'orphan', 'disagreement',
        'label']) -%}
{% endmacro %}
