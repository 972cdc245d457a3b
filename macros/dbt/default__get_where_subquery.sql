{#-
dbt's own, which gives a generic test the rows that its `where` keeps. Every test that
stands on a watched table, of whatever package, runs after the marts, so that a failing one
does not keep the index from being built.
-#}
{% macro default__get_where_subquery(relation) %}
    {%- if model.test_metadata and assay.is_watched() -%}
        {%- do ref('assay', 'fct_quality_rules') -%}
    {%- endif -%}
    {%- do return(dbt.default__get_where_subquery(relation)) -%}
{% endmacro %}
