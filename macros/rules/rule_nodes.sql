{#- The generic tests of one watched table that are rules, in the order of their names. -#}
{% macro rule_nodes(feed) %}
    {%- set table = assay.watched_node(feed) -%}
    {%- do return([] if table is none
        else assay.nodes_of_graph().rules.get(table.unique_id, [])) -%}
{% endmacro %}


{#-
What is asked of the graph, from one walk a run: `tables` and `sources` (name -> node), and
`rules` (unique_id of a table -> the tests on it that are rules).
-#}
{% macro nodes_of_graph() %}
    {%- set kept = assay.kept_for_run('nodes_of_graph') -%}
    {%- if not kept -%}
        {%- do kept.update(assay._nodes_of_graph()) -%}
    {%- endif -%}
    {%- do return(kept) -%}
{% endmacro %}


{% macro _nodes_of_graph() %}
    {%- set tables, sources, rules = {}, {}, {} -%}
    {%- for node in graph.sources.values() -%}
        {%- do sources.setdefault(node.name, node) -%}
    {%- endfor -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type in ['model', 'seed', 'snapshot'] -%}
            {#- Of several packages' the project's own is meant. -#}
            {%- if node.name not in tables or node.package_name == project_name -%}
                {%- do tables.update({node.name: node}) -%}
            {%- endif -%}
        {%- elif node.resource_type == 'test' and node.test_metadata
            and assay.is_rule(node) -%}
            {%- set is_attached = node.attached_node is not none -%}
            {%- for unique_id in ([node.attached_node] if is_attached
                else node.depends_on.nodes | unique)
                if is_attached or assay.tested_table(node)
                    == (graph.nodes.get(unique_id) or graph.sources[unique_id]).name -%}
                {%- do rules.setdefault(unique_id, []).append(node) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for unique_id, nodes in rules.items() -%}
        {%- do rules.update({unique_id: nodes | sort(attribute='name')}) -%}
    {%- endfor -%}
    {%- do return({'tables': tables, 'sources': sources, 'rules': rules}) -%}
{% endmacro %}
