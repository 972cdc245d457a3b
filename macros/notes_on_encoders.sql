{#-
Says at the end of a run what stood in for an encoder or a device that is not there; the
mart says it too, in fct_quality_rules.note.
-#}
{% macro notes_on_encoders(results) %}
    {%- for result in results if result.node.name == 'int_label_encoders'
        and result.status == 'success' -%}
        {%- for note in run_query('select distinct fallback from '
            ~ result.node.relation_name ~ ' where fallback is not null order by 1'
        ).columns[0].values() -%}
            {%- do log('Learned rules: ' ~ note, info=true) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}
