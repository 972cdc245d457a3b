{#- The relation on which the rules of a table are evaluated. -#}
{% macro tested_relation(table) %}
    {%- if table.known.version and repaired_node(table.feed) -%}
        {%- do return(ref(table.known.version ~ table.feed)) -%}
    {%- endif -%}
    {%- do return(ref('stg_' ~ table.feed) if table.feed in feed_names()
        else table.relation) -%}
{% endmacro %}


{#- The watched tables that are repaired: the feeds, and those with a model for it. -#}
{% macro repaired_tables() %}
    {%- set tables = [] -%}
    {%- for table in watched_tables() if table in feed_names() or repaired_node(table) -%}
        {%- do tables.append(table) -%}
    {%- endfor -%}
    {%- do return(tables) -%}
{% endmacro %}


{#- The node of the model `repaired_<table>`, or none. -#}
{% macro repaired_node(feed) %}
    {%- for node in graph.nodes.values() if node.name == 'repaired_' ~ feed
        and node.resource_type == 'model' -%}
        {%- do return(node) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{% endmacro %}
