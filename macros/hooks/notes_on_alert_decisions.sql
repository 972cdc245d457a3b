{#-
Says at the end of a run which decisions about alerts are not followed, and why: one line
each, the first ten. What was decided anew is no mistake.
-#}
{% macro notes_on_alert_decisions(results) %}
    {%- for result in results if result.node.name == 'int_alert_decisions'
        and result.node.resource_type == 'model' and result.status == 'success' -%}
        {%- set ignored = run_query(
            'select alert_id, decision, state from ' ~ result.node.relation_name
            ~ " where state not in ('followed', 'decided anew', 'decided before')"
            ~ ' order by all'
        ).rows -%}
        {%- for row in ignored[:10] -%}
            {%- do log('Decision not followed: alert ' ~ (row[0] or 'without a name')
                ~ ', ' ~ (row[1] or 'no decision') ~ ': ' ~ row[2] ~ '.', info=true) -%}
        {%- endfor -%}
        {%- if ignored | length > 10 -%}
            {%- do log('Decisions not followed: ' ~ (ignored | length - 10)
                ~ ' more stand in int_alert_decisions.', info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
