{#-
The models about watched tables, table -> relation. Each of a feed is written out: no
search, no editor and no parser finds its way to a name that is put together. Of tables of
one's own a macro knows the name alone, from a var.

staged_feeds(): the staging models, none where there are no feeds.
-#}
{% macro staged_feeds() %}
    {%- do return({
        'products': ref('assay', 'stg_products'),
        'users': ref('assay', 'stg_users'),
        'events': ref('assay', 'stg_events'),
        'queries': ref('assay', 'stg_queries'),
        'relevance_labels': ref('assay', 'stg_relevance_labels'),
        'reviews': ref('assay', 'stg_reviews'),
        'recommendations': ref('assay', 'stg_recommendations')
    } if assay.feed_names() else {}) -%}
{% endmacro %}


{#- The models of the issues of all watched tables. -#}
{% macro issue_models() %}
    {%- set models = {
        'products': ref('assay', 'int_products_issues'),
        'users': ref('assay', 'int_users_issues'),
        'events': ref('assay', 'int_events_issues'),
        'queries': ref('assay', 'int_queries_issues'),
        'relevance_labels': ref('assay', 'int_relevance_labels_issues'),
        'reviews': ref('assay', 'int_reviews_issues'),
        'recommendations': ref('assay', 'int_recommendations_issues')
    } if assay.feed_names() else {} -%}
    {%- for table in assay.as_list(assay.setting('watched')) -%}
        {%- do models.update({table: ref(project_name, 'int_' ~ table ~ '_issues')}) -%}
    {%- endfor -%}
    {%- do return(models) -%}
{% endmacro %}


{#- One of them, for a model that reads_issues(): to make a list of all takes its time. -#}
{% macro issue_model(table) %}
    {%- do return(ref('assay' if table in assay.feed_names() else project_name,
        'int_' ~ table ~ '_issues')) -%}
{% endmacro %}


{#-
The repaired tables: of the feeds, and of those of one's own that the var `repaired` names.
It must be a var: while dbt reads the project, no macro can see which models there are.
-#}
{% macro repaired_models() %}
    {%- set models = {
        'products': ref('assay', 'repaired_products'),
        'users': ref('assay', 'repaired_users'),
        'events': ref('assay', 'repaired_events'),
        'queries': ref('assay', 'repaired_queries'),
        'relevance_labels': ref('assay', 'repaired_relevance_labels'),
        'reviews': ref('assay', 'repaired_reviews'),
        'recommendations': ref('assay', 'repaired_recommendations')
    } if assay.feed_names() else {} -%}
    {%- for table in assay.as_list(assay.setting('repaired')) -%}
        {%- do models.update({table: ref(project_name, 'repaired_' ~ table)}) -%}
    {%- endfor -%}
    {%- do return(models) -%}
{% endmacro %}


{#- The names of the watched tables that are repaired. -#}
{% macro repaired_tables() %}
    {%- do return(assay.feed_names() + assay.as_list(assay.setting('repaired'))) -%}
{% endmacro %}


{#-
What a model waits for that looks into every watched table: the staging models, and for
tables of one's own the models of their issues, which read them.
-#}
{% macro reads_watched_tables() %}
    {%- for relation in assay.staged_feeds().values() %}
-- depends_on: {{ relation }}
    {%- endfor %}
    {%- for table in assay.as_list(assay.setting('watched')) %}
-- depends_on: {{ ref(project_name, 'int_' ~ table ~ '_issues') }}
    {%- endfor %}
{% endmacro %}


{#- What a model waits for that reads every repaired table. -#}
{% macro reads_repaired_tables() %}
    {%- for relation in assay.repaired_models().values() %}
-- depends_on: {{ relation }}
    {%- endfor %}
{% endmacro %}


{#- What a model waits for that reads the issues of every watched table. -#}
{% macro reads_issues() %}
    {%- for relation in assay.issue_models().values() %}
-- depends_on: {{ relation }}
    {%- endfor %}
{% endmacro %}
