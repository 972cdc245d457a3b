{#-
Whether a repaired feed has a column that was supplied. A unit test knows of no feed: it
gives what it gives.
-#}
{% macro supplies(feed, column) %}
    {%- if execute and 'nodes' not in graph -%}
        {%- do return(true) -%}
    {%- endif -%}
    {%- do return(execute and assay.column_state(column, assay.watched_table(feed,
        assay.what_is_known('repaired_'))) is none) -%}
{% endmacro %}
