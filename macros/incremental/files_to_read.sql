{#-
What a staging model that reads file by file has to do, compared with what it read before
(`stg_<feed>_files`): which files are new or were written anew, and which are gone. Kept
for the materialization by_file. All files are read again where the SQL of the staging model
has changed. They are in every build where what a value means is told by the rows of all
files, as of the decimal commas of a text; then nothing is kept (`is_kept`).
Returns a dict: is_kept, is_whole, sql_hash, read (files: file, size, modified_at, file_number),
gone (file numbers).

- name: the staging model
- location: the files, as a pattern
- staged_sql: what is selected of a row
-#}
{% macro files_to_read(name, location, staged_sql, is_whole=false) %}
    {%- set plan = assay.kept_for_run('files ' ~ name) -%}
    {%- do plan.update({'sql_hash': local_md5(staged_sql), 'read': [], 'gone': [],
        'is_kept': assay.depends_on_row_alone([staged_sql]),
        'is_whole': is_whole or assay.is_read_whole(this)}) -%}
    {%- do plan.update({'is_whole': plan.is_whole or not plan.is_kept}) -%}
    {%- set read_before, last_number = {}, [0] -%}
    {%- set state = load_relation(assay.beside(this, 'files')) -%}
    {%- if state is none -%}
        {%- do plan.update({'is_whole': true}) -%}
    {%- elif not plan.is_whole -%}
        {#- Someone else may have written the table. -#}
        {%- set columns = adapter.get_columns_in_relation(this) | map(attribute='name')
            | list -%}
        {%- do plan.update({'is_whole': 'record_number' not in columns or run_query(
            'select (select count(*) from ' ~ this ~ ') is distinct from (select'
            ~ ' sum(rows_read) from ' ~ state ~ ')').rows[0][0]}) -%}
        {%- for row in run_query('select file, size, cast(modified_at as varchar),'
            ~ ' file_number, sql_hash from ' ~ state).rows -%}
            {%- do read_before.update({row[0]: row}) -%}
            {%- do last_number.append(row[3]) -%}
            {%- if row[4] != plan.sql_hash -%}
                {%- do plan.update({'is_whole': true}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if plan.is_whole -%}
        {%- do read_before.clear() -%}
    {%- endif -%}
    {%- set number = namespace(last=last_number | max if not plan.is_whole else 0) -%}
    {%- for row in run_query('select filename, size, cast(last_modified as varchar)'
        ~ ' from read_blob(' ~ assay.literal(location) ~ ') order by 1').rows -%}
        {%- set before = read_before.pop(row[0], none) -%}
        {%- if before is none or before[1] != row[1] or before[2] != row[2] -%}
            {%- set number.last = number.last + 1 -%}
            {%- do plan.read.append({'file': row[0], 'size': row[1],
                'modified_at': row[2], 'file_number': number.last}) -%}
            {%- if before is not none -%}
                {%- do plan.gone.append(before[3]) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for row in read_before.values() -%}
        {%- do plan.gone.append(row[3]) -%}
    {%- endfor -%}
    {%- do return(plan) -%}
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
