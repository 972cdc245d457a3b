{#- The seed of a feed of the sample shop. -#}
{% macro sample_of(feed) %}
    {%- if feed == 'products' -%}
        {%- do return(ref('assay', 'sample_products')) -%}
    {%- elif feed == 'users' -%}
        {%- do return(ref('assay', 'sample_users')) -%}
    {%- elif feed == 'events' -%}
        {%- do return(ref('assay', 'sample_events')) -%}
    {%- elif feed == 'queries' -%}
        {%- do return(ref('assay', 'sample_queries')) -%}
    {%- elif feed == 'relevance_labels' -%}
        {%- do return(ref('assay', 'sample_relevance_labels')) -%}
    {%- elif feed == 'reviews' -%}
        {%- do return(ref('assay', 'sample_reviews')) -%}
    {%- elif feed == 'recommendations' -%}
        {%- do return(ref('assay', 'sample_recommendations')) -%}
    {%- endif -%}
    {%- do exceptions.raise_compiler_error('Feed ' ~ feed ~ ' has no sample: name its seed'
        ~ ' in macros/feeds/sample_of.sql.') -%}
{% endmacro %}
