{#- Whether a repaired feed has a column that was supplied. -#}
{% macro supplies(feed, column) %}
    {%- do return(execute and assay.column_state(column, assay.watched_table(feed,
        assay.what_is_known('repaired_'))) is none) -%}
{% endmacro %}
