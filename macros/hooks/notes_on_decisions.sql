{#-
Says at the end of a run which decisions about repairs are not followed, and why: one line
each, the first ten.
-#}
{% macro notes_on_decisions(results) %}
    {%- for result in results if result.node.name == 'fct_repair_decisions'
        and result.node.resource_type == 'model' and result.status == 'success' -%}
        {%- set ignored = run_query(
            'select feed, coalesce(record_key, cause_id), occurrence, column_name,'
            ~ ' decision, state'
            ~ ' from ' ~ result.node.relation_name
            ~ " where not is_followed"
            ~ ' order by feed, record_key, occurrence nulls first, column_name, cause_id,'
            ~ ' decision, decided_value'
        ).rows -%}
        {%- for row in ignored[:10] -%}
            {%- set place = [row[0] or 'no feed', row[1] or 'no record_key'] -%}
            {%- if row[2] -%}{%- do place.append('occurrence '
                ~ row[2]) -%}{%- endif -%}
            {%- if row[3] -%}{%- do place.append(row[3]) -%}{%- endif -%}
            {%- do log('Decision not followed: ' ~ place | join(', ') ~ ', '
                ~ (row[4] or 'no decision') ~ ': ' ~ row[5] ~ '.', info=true) -%}
        {%- endfor -%}
        {%- if ignored | length > 10 -%}
            {%- do log('Decisions not followed: ' ~ (ignored | length - 10)
                ~ ' more stand in fct_repair_decisions.', info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
