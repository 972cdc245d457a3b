{#-
dbt's own, which gives a generic test the rows that its `where` keeps. The tests of other
packages that stand on a watched table are rules, too, and run after the marts, so that a
failing one does not keep the index from being built.
-#}
{% macro default__get_where_subquery(relation) %}
    {%- if model.test_metadata.namespace in ['dbt_utils', 'dbt_expectations']
        and is_watched() -%}
        {%- do ref('fct_quality_rules') -%}
    {%- endif -%}
    {%- do return(dbt.default__get_where_subquery(relation)) -%}
{% endmacro %}
