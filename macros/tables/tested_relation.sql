{#-
The relation on which the rules of a table are evaluated. By ref where a line leads there:
that is what `--empty` and `--sample` look at.
-#}
{% macro tested_relation(table) %}
    {%- set node = table.node -%}
    {%- if table.known.version and table.feed in assay.repaired_tables() -%}
        {%- set node = assay.repaired_node(table.feed) -%}
    {%- endif -%}
    {%- do return(ref(node.package_name, node.name)
        if node.unique_id in model.depends_on.nodes and node.resource_type != 'source'
        else assay.relation_of(node)) -%}
{% endmacro %}
