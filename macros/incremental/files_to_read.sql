{#-
What a staging model that reads file by file has to do, compared with what it read before
(`stg_<feed>_files`): which files are new or were written anew, and which are gone. Kept
for the materialization by_file. All files are read again where the SQL of the staging
model has changed.
Returns a dict: is_kept, is_whole, sql_hash, source_columns, read_as, read (files: file,
size, modified_at, file_number, styles), gone (file numbers).

- staged_sql: what is selected of a row; where it depends on other rows, nothing is kept
- source: as feed_source() returns it
-#}
{% macro files_to_read(feed, staged_sql, source, is_whole=false) %}
    {%- set plan = assay.kept_for_run('files ' ~ model.name) -%}
    {%- set changes = assay.changed_files(feed) -%}
    {%- do plan.update({
        'sql_hash': local_md5(staged_sql), 'read': [], 'read_as': '{}',
        'gone': changes.gone.values() | list,
        'source_columns': tojson(source.columns),
        'is_kept': assay.depends_on_row_alone([staged_sql])
    }) -%}
    {#- Someone else may have written the table. -#}
    {%- do plan.update({'is_whole': is_whole or not plan.is_kept or not changes.known
        or changes.sql_hashes != [plan.sql_hash]
        or 'record_number' not in adapter.get_columns_in_relation(this)
            | map(attribute='name') | list
        or run_query('select count(*) from ' ~ this).rows[0][0]
            != changes.rows_read}) -%}
    {%- if plan.is_whole -%}
        {%- do plan.update({'gone': []}) -%}
    {%- endif -%}
    {%- for file in changes.files if plan.is_whole or file.file not in changes.known -%}
        {%- do plan.read.append(dict(file, styles=changes.styles.get(file.file),
            file_number=loop.index + (0 if plan.is_whole else changes.last_number))) -%}
    {%- endfor -%}
    {%- do return(plan) -%}
{% endmacro %}


{#-
The files of a feed now, and those that the build before has read. Looked up once a run.
Returns a dict: files (file, size, modified_at), known (file -> its number, of those that
have not changed), gone (file -> its number), new (files), with_rows (a known file that has
rows), last_number, rows_read; sql_hashes, source_columns and read_as of the files that were
read, each once; styles (file -> what was counted in it, of those known).
-#}
{% macro changed_files(feed) %}
    {%- set changes = assay.kept_for_run('changed files ' ~ feed) -%}
    {%- if changes -%}
        {%- do return(changes) -%}
    {%- endif -%}
    {%- set staged = assay.relation_of(graph.nodes['model.assay.stg_' ~ feed]) -%}
    {%- do changes.update({'files': [], 'known': {}, 'gone': {}, 'new': [],
        'last_number': 0, 'rows_read': 0, 'sql_hashes': [], 'source_columns': [],
        'read_as': [], 'styles': {}, 'with_rows': none}) -%}
    {%- set state = none if assay.is_read_whole(staged)
        else load_relation(assay.beside(staged, 'files')) -%}
    {%- set before = {} -%}
    {%- if state is not none -%}
        {%- for row in run_query('select file, size, cast(modified_at as varchar),'
            ~ ' file_number, rows_read, sql_hash, source_columns, read_as, styles from '
            ~ state ~ ' order by file_number').rows -%}
            {%- do before.update({row[0]: row}) -%}
            {%- do changes.update({'last_number': row[3],
                'rows_read': changes.rows_read + row[4]}) -%}
            {%- for name, place in {'sql_hashes': 5, 'source_columns': 6,
                'read_as': 7}.items() if row[place] not in changes[name] -%}
                {%- do changes[name].append(row[place]) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for row in run_query('select filename, size, cast(last_modified as varchar)'
        ~ ' from read_blob(' ~ assay.literal(assay.feed_setting(feed).location)
        ~ ') order by 1').rows -%}
        {%- do changes.files.append({'file': row[0], 'size': row[1],
            'modified_at': row[2]}) -%}
        {%- set known = before.pop(row[0], none) -%}
        {%- if known is none -%}
            {%- do changes.new.append(row[0]) -%}
        {%- elif known[1] == row[1] and known[2] == row[2] -%}
            {%- do changes.known.update({row[0]: known[3]}) -%}
            {%- do changes.styles.update({row[0]: fromjson(known[8])}) -%}
            {%- do changes.update({'with_rows': row[0]} if known[4] else {}) -%}
        {%- else -%}
            {%- do changes.gone.update({row[0]: known[3]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for row in before.values() -%}
        {%- do changes.gone.update({row[0]: row[3]}) -%}
    {%- endfor -%}
    {%- do return(changes) -%}
{% endmacro %}


{#-
The source of a feed that is read file by file, as feed_source() returns it, from its new
files and one that is known; none where files changed or are gone, or the new ones have
other columns: then all are looked at.
-#}
{% macro source_of_new_files(feed) %}
    {%- set changes = assay.changed_files(feed) -%}
    {%- if not changes.with_rows or changes.gone
        or changes.source_columns | length != 1 -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set source = assay.feed_source(feed, changes.new + [changes.with_rows]) -%}
    {%- do return(source if source.problem
        or tojson(source.columns) == changes.source_columns[0] else none) -%}
{% endmacro %}


{#- Whether a model that is kept from build to build is to be built from nothing. -#}
{% macro is_read_whole(relation) %}
    {%- set found = load_relation(relation) -%}
    {%- do return(found is none or not found.is_table or should_full_refresh()
        or flags.EMPTY) -%}
{% endmacro %}


{#- A table that a model keeps beside its own: what it was made of. -#}
{% macro beside(relation, name) %}
    {%- do return(api.Relation.create(database=relation.database,
        schema=relation.schema, identifier=relation.identifier ~ '_' ~ name,
        type='table')) -%}
{% endmacro %}
