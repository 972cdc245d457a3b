{#-
Whether DuckDB can run a select. Jinja has no `try`, and looking for a location is the
one call of dbt-duckdb that takes an error for an answer: the select is appended to it.
-#}
{% macro can_run(select_sql) %}
    {%- do return(adapter.dispatch('can_run', 'assay')(select_sql)) -%}
{% endmacro %}


{% macro default__can_run(select_sql) %}
    {%- do return(adapter.location_exists(
        "sqlite_master' where false union all select 1 from ("
        ~ select_sql ~ '\n) --')) -%}
{% endmacro %}
