{#-
The dependencies of every model that writes SQL for rules: all staging models, because a
rule may look at any feed, and because nothing is to be measured before everything could
be read; and the seeds that rules look terms up in. By their names alone, so that a seed of
the project takes the place of one of these.
-#}
{% macro needs_all_feeds() %}
-- depends_on: {{ ref('assay', 'stg_feeds') }}
    {%- for name in ['placeholders', 'vocabularies'] %}
-- depends_on: {{ ref(name) }}
    {%- endfor %}
    {%- for feed in assay.feed_names() %}
-- depends_on: {{ ref('assay', 'stg_' ~ feed) }}
    {%- endfor %}
{% endmacro %}
