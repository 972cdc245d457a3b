{#- The names of all watched tables: the feeds, then what the var `watched` adds. -#}
{% macro watched_tables() %}
    {%- do return(assay.feed_names() + assay.as_list(assay.setting('watched'))) -%}
{% endmacro %}
