{#-
The name of the table on which a test stands. dbt's `attached_node` is none for a source,
and its `file_key_name` names the source, not the table.
-#}
{% macro tested_table(test) %}
    {%- do return(test.test_metadata.kwargs.model.split("'")[1::2] | last) -%}
{% endmacro %}
