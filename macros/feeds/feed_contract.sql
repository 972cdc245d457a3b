{#-
The columns of a feed with their types, read from the YAML of its staging model, so that
they are written once. Returns a dict: column -> type (varchar, double, bigint, boolean
or timestamp). Known when models run, not when they are parsed.
-#}
{% macro feed_contract(feed) %}
    {%- set contract = {} -%}
    {%- for column in graph.nodes['model.assay.stg_' ~ feed].columns.values() -%}
        {%- do contract.update({column.name: column.data_type}) -%}
    {%- endfor -%}
    {%- do return(contract) -%}
{% endmacro %}
