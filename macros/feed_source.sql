{#-
Where the rows of one feed are read from, and the columns found there.
Returns a dict: from_sql (what follows `from`), columns (name -> type in the source),
has_rowid (whether its rows can be told apart by `rowid`), problem (one sentence, or
none when the source can be read).
-#}
{% macro feed_source(feed) %}
    {%- set setting = feed_setting(feed) -%}
    {%- set source = {'columns': {}, 'has_rowid': false, 'problem': none} -%}
    {%- if setting.kind == 'sample' -%}
        {%- set relation = ref('sample_' ~ feed) -%}
        {%- do source.update(_table_source(relation)) -%}
        {%- if not source.columns -%}
            {#- Compiled before the seeds exist, or on the rows of a unit test. -#}
            {%- for name in feed_contract(feed) -%}
                {%- do source.columns.update({name: 'VARCHAR'}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- elif setting.kind == 'table' -%}
        {%- set parts = setting.location if setting.location is not string
            else setting.location.split('.') -%}
        {%- if parts | length > 3 -%}
            {%- do source.update({'problem': 'table ' ~ setting.location
                ~ ' must be named database.schema.table (write a list where a name holds'
                ~ ' a dot)'}) -%}
        {%- else -%}
            {%- set parts = ([target.database, target.schema][: 3 - parts | length])
                + (parts | list) -%}
            {%- set relation = api.Relation.create(
                database=parts[0], schema=parts[1], identifier=parts[2]) -%}
            {%- do source.update(_table_source(relation)) -%}
            {%- if not source.columns -%}
                {%- do source.update({
                    'problem': 'table ' ~ parts | join('.') ~ ' does not exist'}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- elif setting.kind == 'file' -%}
        {%- do source.update(_file_source(setting.location)) -%}
    {%- endif -%}
    {%- do return(source) -%}
{% endmacro %}


{% macro _table_source(relation) %}
    {%- set columns = {} -%}
    {%- set found = load_relation(relation) -%}
    {%- if found is not none -%}
        {%- for column in adapter.get_columns_in_relation(found) -%}
            {%- do columns.update({column.name: column.dtype}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return({
        'from_sql': relation | string,
        'columns': columns,
        'has_rowid': found is not none and found.is_table and not flags.EMPTY
    }) -%}
{% endmacro %}


{% macro _file_source(location) %}
    {%- set path = literal(location) -%}
    {%- set name = location.lower() -%}
    {%- for ending in ['.gz', '.zst'] if name.endswith(ending) -%}
        {%- set name = name[: -(ending | length)] -%}
    {%- endfor -%}
    {%- if name.endswith('.parquet') -%}
        {%- set from_sql = 'read_parquet(' ~ path ~ ', union_by_name = true)' -%}
    {%- elif name.endswith('.csv') or name.endswith('.tsv') -%}
        {#- As text, so that a value which does not cast is kept as it was found. -#}
        {%- set from_sql = 'read_csv(' ~ path
            ~ ', all_varchar = true, header = true, union_by_name = true)' -%}
    {%- elif name.endswith('.json') or name.endswith('.jsonl')
        or name.endswith('.ndjson') -%}
        {%- set from_sql = 'read_json(' ~ path ~ ', union_by_name = true)' -%}
    {%- else -%}
        {%- do return({'problem': 'file ' ~ location ~ ' ends in none of .parquet, .csv,'
            ~ ' .tsv, .json, .jsonl'}) -%}
    {%- endif -%}
    {%- set files = run_query('select count(*) from glob(' ~ path ~ ')') -%}
    {%- if files.rows[0][0] == 0 -%}
        {%- do return({'problem': 'file ' ~ location ~ ' does not exist'}) -%}
    {%- endif -%}
    {%- if not adapter.location_exists(location.replace("'", "''")) -%}
        {%- do return({'problem': 'file ' ~ location ~ ' cannot be read as '
            ~ name.split('.')[-1] ~ ': it is truncated, damaged or of another format'}) -%}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- for row in run_query('describe select * from ' ~ from_sql).rows -%}
        {%- do columns.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- do return({'from_sql': from_sql, 'columns': columns}) -%}
{% endmacro %}
