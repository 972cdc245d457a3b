{#-
What is worked out once for all models of a run, by name: an empty dict at first. It
stands beside the graph, the one thing that the models of a run share.
-#}
{% macro kept_for_run(name) %}
    {%- do return(graph.setdefault('assay', {}).setdefault(name, {})) -%}
{% endmacro %}


{#-
Whether no later model of this run finds a table otherwise: it is a source, or it was
built before the model that asks, as every feed is. `name` is that of the relation,
where it is not the node's own.
-#}
{% macro is_settled(node, name=none) %}
    {%- set staged = graph.nodes['model.assay.int_feeds_ready'].depends_on.nodes -%}
    {%- if name is none -%}
        {%- do return(node.resource_type == 'source'
            or node.unique_id in model.depends_on.nodes
            or node.unique_id in staged) -%}
    {%- endif -%}
    {%- for unique_id in model.depends_on.nodes if unique_id.split('.')[-1] == name -%}
        {%- do return(true) -%}
    {%- endfor -%}
    {%- do return(false) -%}
{% endmacro %}
