{#- The relation on which the rules of a table are evaluated. -#}
{% macro tested_relation(table) %}
    {%- if table.known.version and table.feed in assay.repaired_tables() -%}
        {%- do return(assay.model_of(table.feed, table.known.version)) -%}
    {%- endif -%}
    {%- do return(ref('assay', 'stg_' ~ table.feed) if table.feed in assay.feed_names()
        else table.relation) -%}
{% endmacro %}


{#-
The watched tables that are repaired: the feeds, and those of one's own that the var
`repaired` names. It must be a var: while dbt reads the project, no macro can see which
models there are.
-#}
{% macro repaired_tables() %}
    {%- do return(assay.feed_names() + assay.as_list(assay.setting('repaired'))) -%}
{% endmacro %}
