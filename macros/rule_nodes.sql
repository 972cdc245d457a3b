{#- The generic tests of one watched table that are rules, in the order of their names. -#}
{% macro rule_nodes(feed) %}
    {%- set table = watched_node(feed) -%}
    {%- if table is none -%}{%- do return([]) -%}{%- endif -%}
    {%- set table_id, table_name = table.unique_id, table.name -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'test' and node.test_metadata
        and (node.attached_node == table_id
            or (node.attached_node is none and table_id in node.depends_on.nodes
                and tested_table(node) == table_name))
        and is_rule(node) -%}
        {%- do nodes.append(node) -%}
    {%- endfor -%}
    {%- do return(nodes | sort(attribute='name')) -%}
{% endmacro %}
