{#-
A materialization for what is costly to make and never changes, such as embeddings: a
table, with the columns of its YAML, that a Python model adds rows to. It is there before
the model runs, so that the model can leave out what is in it, and it is written in
pieces as they come: memory is bounded by a piece, and a build that is killed loses no
more than one. (dbt-duckdb writes what an incremental Python model returns to a second
table first, in one piece, and leaves that table behind.)
-#}
{% materialization appended, adapter='duckdb', supported_languages=['python'] %}
    {%- set table = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}
        {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
    {%- endfor -%}
    {{- run_hooks(pre_hooks) }}
    {%- if existing is not none and (should_full_refresh() or not existing.is_table) -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('create') -%}
        create table if not exists {{ table }} ({{ columns | join(', ') }})
    {%- endcall -%}
    {%- do adapter.commit() -%}

    {%- call statement('main', language='python') -%}
{{ compiled_code }}

def materialize(batches, con):
    import pyarrow

    def write(piece):
        con.register("piece", pyarrow.Table.from_batches(piece))
        con.execute('insert into {{ table }} by name select * from piece')
        con.unregister("piece")

    piece = []
    for batch in batches:
        piece.append(batch)
        if sum(map(len, piece)) >= 32768:
            write(piece)
            piece = []
    if piece:
        write(piece)
    {%- endcall -%}

    {%- do persist_docs(table, model) -%}
    {{- run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {%- do return({'relations': [table]}) -%}
{% endmaterialization %}
