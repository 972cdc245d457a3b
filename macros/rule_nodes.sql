{#- The generic tests of one watched table that are rules, in the order of their names. -#}
{% macro rule_nodes(feed) %}
    {%- set table_id = _watched_node(feed).unique_id -%}
    {%- set nodes = [] -%}
    {%- for node in graph.nodes.values()
        if node.resource_type == 'test' and node.test_metadata
        and (node.attached_node == table_id
            or (node.attached_node is none and node.depends_on.nodes[0] == table_id))
        and context.get(node.test_metadata.name ~ '_rule') -%}
        {%- do nodes.append(node) -%}
    {%- endfor -%}
    {%- do return(nodes | sort(attribute='name')) -%}
{% endmacro %}
