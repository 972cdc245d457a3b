{#-
One watched table, described once per model and kept in what_is_known(): the model, seed,
snapshot or source of that name, or the staging model `stg_<name>`.
Returns a dict: feed, node, columns (name -> type), is_supplied, not_supplied (contract
columns that the feed lacks), placeholders; from `config.meta` in the table's YAML key,
day_column, source_system_column, category_column; and of a feed, from `vars`, cycle and
grades.
-#}
{% macro watched_table(feed, known) %}
    {%- if feed in known.tables -%}
        {%- do return(known.tables[feed]) -%}
    {%- endif -%}
    {%- set node = watched_node(feed) -%}
    {%- set meta = node.config.meta -%}
    {%- set columns = {} -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.update({column.name: column.data_type or 'varchar'}) -%}
    {%- endfor -%}
    {%- set not_supplied = known.not_supplied.get(feed, []) -%}
    {%- set relation = adapter.get_relation(
        node.database, node.schema, node.get('identifier') or node.alias) -%}
    {%- if known.version and feed in repaired_tables() -%}
        {%- set relation = load_relation(ref(known.version ~ feed)) -%}
    {%- endif -%}
    {%- if relation is not none -%}
        {%- set columns = {} -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.update({column.name: column.dtype | lower}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set key = [] -%}
    {%- for column in as_list(meta.get('key')) if column not in not_supplied -%}
        {%- if relation is not none and column not in columns -%}
            {%- do exceptions.raise_compiler_error('Table ' ~ feed ~ ': its `meta` names'
                ~ ' the key ' ~ column ~ ', which is no column of it; there are '
                ~ columns | join(', ') ~ '.') -%}
        {%- endif -%}
        {%- do key.append(column) -%}
    {%- endfor -%}
    {%- do known.tables.update({feed: {
        'feed': feed,
        'known': known,
        'node': node,
        'relation': relation or api.Relation.create(database=node.database,
            schema=node.schema, identifier=node.get('identifier') or node.alias),
        'columns': columns,
        'is_supplied': feed not in feed_names() or feed_setting(feed).kind != 'none',
        'not_supplied': not_supplied,
        'placeholders': known.placeholders,
        'is_missing': {},
        'key': key,
        'day_column': meta.get('day'),
        'source_system_column': meta.get('source_system'),
        'category_column': meta.get('category'),
        'cycle': feed_setting(feed).get('cycle'),
        'grades': feed_setting(feed).get('grades')
    }}) -%}
    {%- do return(known.tables[feed]) -%}
{% endmacro %}


{#- The node of a watched table; none where nothing has its name. -#}
{% macro watched_node(feed) %}
    {%- for name in ['stg_' ~ feed, feed] -%}
        {%- for node in graph.nodes.values()
            if node.name == name and node.resource_type in ['model', 'seed', 'snapshot']
        -%}
            {%- do return(node) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for node in graph.sources.values() if node.name == feed -%}
        {%- do return(node) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{% endmacro %}
