{#-
The dependencies of every model that writes SQL for rules: all staging models, because a
rule may look at any feed, and because nothing is to be measured before everything could
be read; and the seeds that rules look terms up in.
-#}
{% macro needs_all_feeds() %}
    {%- for name in ['stg_feeds', 'placeholders', 'vocabularies'] %}
-- depends_on: {{ ref('assay', name) }}
    {%- endfor %}
    {%- for feed in assay.feed_names() %}
-- depends_on: {{ ref('assay', 'stg_' ~ feed) }}
    {%- endfor %}
{% endmacro %}
