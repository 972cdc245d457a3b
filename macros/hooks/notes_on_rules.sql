{#-
Lists at the end of a run the rules that are over their limits or in error, a line each,
with rate, interval and limit: those that would bring the index most come first.
-#}
{% macro notes_on_rules(results) %}
    {%- if not assay.watched_tables() and flags.WHICH == 'build' -%}
        {%- do log('Assay measures nothing: no table is named in the vars `feeds` and'
            ~ ' `watched`.', info=true) -%}
    {%- endif -%}
    {%- for result in results if result.node.name == 'rules_within_limits'
        and result.node.resource_type == 'test' and result.status in ['warn',
        'fail'] -%}
        {%- for unique_id in result.node.depends_on.nodes
            if unique_id.endswith('.fct_quality_rules') -%}
            {{- assay._list_rules(graph.nodes[unique_id].relation_name) -}}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{% macro _list_rules(mart) %}
    {%- set rows = run_query('select rule_name, feed, verdict, reason, failure_rate,'
        ~ ' rate_low, rate_high, max_rate from (' ~ assay.bad_rules(mart)
        ~ ') as bad_rules'
        ~ " order by verdict = 'error' desc, verdict = 'not measured',"
        ~ ' shop_index_gain desc nulls last, feed_index_gain desc, rule_name').rows -%}
    {%- do log('Rules over their limits: ' ~ rows | length ~ ' (share of failing'
        ~ ' rows, its 95 % interval, and the limit)', info=true) -%}
    {%- for row in rows[:50] -%}
        {%- set rule = '  ' ~ row[0] ~ ', ' ~ row[1] ~ ': ' -%}
        {%- do log(rule ~ (row[2] ~ ', ' ~ row[3] if row[2] in ['error', 'not measured']
            else '%.2f %% (%.1f to %.1f), limit %.2f %%' | format(100 * row[4],
                100 * row[5], 100 * row[6], 100 * row[7])), info=true) -%}
    {%- endfor -%}
    {%- if rows | length > 50 -%}
        {%- do log('  and ' ~ (rows | length - 50) ~ ' more in fct_quality_rules',
            info=true) -%}
    {%- endif -%}
{% endmacro %}
