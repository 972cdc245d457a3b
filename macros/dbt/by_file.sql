{#-
A materialization for a table of what many files hold: only files that are new or changed
are read, as files_to_read() says. The rows and what is known of the files (`<table>_files`)
change in one transaction: a build that is killed leaves both as they were.
-#}
{% materialization by_file, adapter='duckdb' %}
    {%- set plan = assay.kept_for_run('files ' ~ model.name) -%}
    {%- set files = assay.beside(this, 'files') -%}
    {%- if plan.is_whole is not sameas false -%}
        {#- Without it the next build reads all files, whatever comes now. -#}
        {%- do adapter.drop_relation(files) -%}
        {%- set result = materialization_table_duckdb() -%}
        {%- if plan.is_kept -%}
            {%- call statement('files') -%}
                create table {{ files }} as {{ assay._files_read(plan) }}
            {%- endcall -%}
            {%- do adapter.commit() -%}
            {%- do result.relations.append(files) -%}
        {%- endif -%}
        {%- do return(result) -%}
    {%- endif -%}
    {%- set table = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks) }}
    {%- if plan.gone -%}
        {%- call statement('delete') -%}
            delete from {{ table }} where {{ assay.of_files(plan.gone) }};
            delete from {{ files }} where file_number in ({{ plan.gone | join(', ') }})
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('main') -%}
        insert into {{ table }} by name ({{ compiled_code }})
    {%- endcall -%}
    {%- if plan.read -%}
        {%- call statement('files') -%}
            insert into {{ files }} by name {{ assay._files_read(plan) }}
        {%- endcall -%}
    {%- endif -%}
    {#- Before the commit: a line that cannot be read leaves the table as it was. -#}
    {{- run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {%- do return({'relations': [table, files]}) -%}
{% endmaterialization %}


{#- One row per file that was read: file, size, modified_at, file_number, rows_read, ... -#}
{% macro _files_read(plan) %}
select
    files.file,
    files.size,
    cast(files.modified_at as timestamp with time zone) as modified_at,
    files.file_number,
    coalesce(counted.rows_read, 0) as rows_read,
    {{ assay.literal(plan.sql_hash) }} as sql_hash,
    {{ assay.literal(plan.source_columns) }} as source_columns,
    {{ assay.literal(plan.read_as) }} as read_as,
    files.styles,
    {{ assay.literal(invocation_id) }} as read_by,
    {{ assay.built_at() }} as read_at
from (
    values
    {%- for file in plan.read %}
    ({{ assay.literal(file.file) }}, {{ file.size }}, {{ assay.literal(file.modified_at) }}, {{
        file.file_number }}, {{ assay.literal(tojson(file.styles)) }}){{ ','
        if not loop.last }}
    {%- endfor %}
) as files (file, size, modified_at, file_number, styles)
left join (
    select
        record_number // 10000000000 as file_number,
        count(*) as rows_read
    from {{ this }}
    where {{ assay.of_files(plan.read | map(attribute='file_number') | list) }}
    group by all
) as counted on files.file_number = counted.file_number
{% endmacro %}
