{#- The model about one watched table: of a feed in this package, else in the project. -#}
{% macro model_of(feed, prefix, suffix='') %}
    {%- do return(ref('assay' if feed in assay.feed_names() else project_name,
        prefix ~ feed ~ suffix)) -%}
{% endmacro %}
