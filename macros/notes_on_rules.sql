{#-
Lists at the end of a run the rules that are over their limits or in error, a line each,
with rate, interval and limit: those that would bring the index most come first.
-#}
{% macro notes_on_rules(results) %}
    {%- for result in results if result.node.name == 'rules_within_limits'
        and result.node.resource_type == 'test' and result.status in ['warn', 'fail'] -%}
        {%- for unique_id in result.node.depends_on.nodes
            if unique_id.endswith('.fct_quality_rules') -%}
            {{- _list_rules(graph.nodes[unique_id].relation_name) -}}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro _list_rules(mart) %}
    {%- set rows = run_query("select rules.rule_name, rules.feed, rules.verdict,"
        ~ " rules.reason, rules.failing_rows, rules.failure_rate, rules.rate_low,"
        ~ " rules.rate_high, rules.max_rate from " ~ mart
        ~ " as rules where rules.verdict in ('failed', 'error')"
        ~ " and not rules.is_waived order by rules.verdict = 'error' desc,"
        ~ " rules.shop_index_gain desc nulls last, rules.feed_index_gain desc,"
        ~ " rules.rule_name").rows -%}
    {%- do log('Rules over their limits: ' ~ rows | length ~ ' (share of failing'
        ~ ' rows, its 95 % interval, and the limit)', info=true) -%}
    {%- for row in rows[:50] -%}
        {%- set rule = '  ' ~ row[0] ~ ', ' ~ row[1] ~ ': ' -%}
        {%- do log(rule ~ ('error, ' ~ row[3] if row[2] == 'error'
            else '%.2f %% (%.1f to %.1f), limit %.2f %%' | format(100 * row[5],
                100 * row[6], 100 * row[7], 100 * row[8])), info=true) -%}
    {%- endfor -%}
    {%- if rows | length > 50 -%}
        {%- do log('  and ' ~ (rows | length - 50) ~ ' more in fct_quality_rules',
            info=true) -%}
    {%- endif -%}
{% endmacro %}
