{#-
One watched table: the staging model of a feed, else the model, seed, snapshot or source of
that name. It is described once a run as soon as it is settled, and once a model, in
what_is_known().
Returns a dict: feed, node, relation, is_settled, columns (name -> type), names (name
in lower case -> name), is_supplied,
not_supplied (contract columns that the feed lacks), placeholders, values_named (column ->
values that its rules name, filled by placeholders_of()); from `config.meta` in the table's YAML key, day_column, source_system_column,
category_column; and of a feed, from `vars`, cycle and grades.
-#}
{% macro watched_table(feed, known) %}
    {%- if feed not in known.tables -%}
        {%- set kept = assay.kept_for_run('tables ' ~ known.version) -%}
        {%- set table = kept.get(feed) or assay._described_table(feed, known) -%}
        {%- if table.is_settled -%}
            {%- do kept.update({feed: table}) -%}
        {%- endif -%}
        {#- What rules ask of it, they ask for one model. -#}
        {%- do known.tables.update({feed: dict(table, known=known, is_missing={},
            expressions={})}) -%}
    {%- endif -%}
    {%- do return(known.tables[feed]) -%}
{% endmacro %}


{% macro _described_table(feed, known) %}
    {%- set node = assay.watched_node(feed) -%}
    {%- set meta = node.config.meta -%}
    {%- set columns = {} -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.update({column.name: column.data_type or 'varchar'}) -%}
    {%- endfor -%}
    {%- set not_supplied = known.not_supplied.get(feed, []) -%}
    {%- set is_version = known.version != '' and feed in assay.repaired_tables() -%}
    {%- set relation = load_relation(assay.relation_of(
        assay.repaired_node(feed) if is_version else node)) -%}
    {%- if relation is not none -%}
        {%- set columns = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.update({column.name: column.dtype | lower}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set names, key = {}, [] -%}
    {%- for column in columns -%}
        {%- do names.update({column | lower: column}) -%}
    {%- endfor -%}
    {%- for column in assay.as_list(meta.get('key')) if column not in not_supplied -%}
        {%- if relation is not none and column | lower not in names -%}
            {%- do exceptions.raise_compiler_error('Table ' ~ feed
                ~ ': its `meta` names'
                ~ ' the key ' ~ column ~ ', which is no column of it; there are '
                ~ columns | join(', ') ~ '.') -%}
        {%- endif -%}
        {%- do key.append(names.get(column | lower, column)) -%}
    {%- endfor -%}
    {%- do return({
        'feed': feed,
        'node': node,
        'is_settled': assay.is_settled(node, known.version ~ feed if is_version
        else none),
        'relation': relation or assay.relation_of(node),
        'columns': columns,
        'names': names,
        'is_supplied': assay.is_supplied(feed),
        'not_supplied': not_supplied,
        'placeholders': known.placeholders,
        'values_named': {},
        'key': key,
        'day_column': meta.get('day'),
        'source_system_column': meta.get('source_system'),
        'category_column': meta.get('category'),
        'cycle': assay.feed_setting(feed).get('cycle'),
        'grades': assay.feed_setting(feed).get('grades')
    }) -%}
{% endmacro %}


{#- Where a node is, without a line from it: for models that come after it in any case. -#}
{% macro relation_of(node) %}
    {%- do return(api.Relation.create(database=node.database, schema=node.schema,
        identifier=node.get('identifier') or node.alias)) -%}
{% endmacro %}


{% macro repaired_node(feed) %}
    {%- do return(graph.nodes['model.' ~ ('assay' if feed in assay.feed_names()
        else project_name) ~ '.repaired_' ~ feed]) -%}
{% endmacro %}


{#- The node of a watched table; none where nothing has its name. -#}
{% macro watched_node(feed) %}
    {%- if feed in assay.feed_names() -%}
        {%- do return(graph.nodes['model.assay.stg_' ~ feed]) -%}
    {%- endif -%}
    {%- set found = assay.nodes_of_graph() -%}
    {%- do return(found.tables.get(feed) or found.sources.get(feed)) -%}
{% endmacro %}
