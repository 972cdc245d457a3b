{#-
Says at the end of a run what stood in for an encoder or a device that is not there, and
why a Python model failed: in one sentence, which stands last in what dbt shows.
-#}
{% macro notes_on_encoders(results) %}
    {%- for result in results if result.node.resource_type == 'model'
        and result.node.language == 'python' -%}
        {%- if result.status == 'error' -%}
            {%- do log('Learned rules: '
                ~ result.message.strip().splitlines()[-1].strip(), info=true) -%}
        {%- elif result.node.name == 'int_label_encoders' and result.status == 'success'
        -%}
            {%- for note in run_query('select distinct fallback from '
                ~ result.node.relation_name ~ ' where fallback is not null order by 1'
            ).columns[0].values() -%}
                {%- do log('Learned rules: ' ~ note, info=true) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
