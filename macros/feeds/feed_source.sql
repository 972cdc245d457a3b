{#-
Where the rows of one feed are read from, and the columns found there.
Returns a dict: from_sql (what follows `from`), columns (name -> type in the source),
names (name in lower case -> name), has_rowid (whether its rows can be told apart by
`rowid`), problem (one sentence, or none when the source can be read).
With `files`, of a feed that is read file by file, only of these, and each row with the
columns "file read" and "row of file".
-#}
{% macro feed_source(feed, files=none) %}
    {%- set setting = assay.feed_setting(feed) -%}
    {%- if files is none and assay.is_read_by_file(feed) -%}
        {%- set source = assay.source_of_new_files(feed) -%}
        {%- if source -%}
            {%- do return(source) -%}
        {%- endif -%}
    {%- endif -%}
    {%- set source = {
        'columns': {}, 'names': {}, 'has_rowid': false, 'problem': none
    } -%}
    {%- if setting.kind == 'sample' or setting.get('ref') -%}
        {%- do source.update(assay._table_source(assay.sample_of(feed)
            if setting.kind == 'sample' else assay.relation_read(setting))) -%}
        {%- if not source.columns -%}
            {#- Compiled before it was built, or on the rows of a unit test. -#}
            {%- for name in assay.feed_contract(feed) -%}
                {%- do source.columns.update({name: 'VARCHAR'}) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- elif setting.reads -%}
        {%- do source.update(assay._table_source(assay.relation_read(setting))) -%}
        {%- if not source.columns -%}
            {%- do source.update({
                'problem': 'table ' ~ setting.location ~ ' does not exist'}) -%}
        {%- endif -%}
    {%- elif setting.kind == 'table' -%}
        {%- set parts = setting.location.split('.') if setting.location is string
            else assay.as_list(setting.location) -%}
        {%- if parts | length > 3 -%}
            {%- do source.update({'problem': 'table ' ~ setting.location
                ~ ' must be named database.schema.table (write a list where a name'
                ~ ' holds a dot)'}) -%}
        {%- else -%}
            {%- set parts = ([target.database, target.schema][: 3 - parts | length])
                + parts -%}
            {%- do source.update(assay._table_source(api.Relation.create(
                database=parts[0], schema=parts[1], identifier=parts[2]))) -%}
            {%- if not source.columns -%}
                {%- do source.update({
                    'problem': 'table ' ~ parts | join('.') ~ ' does not exist'}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- elif setting.kind == 'file' -%}
        {%- do source.update(assay._file_source(feed, setting, files)) -%}
        {%- if not source.problem -%}
            {%- do source.update({'columns': assay._columns_of(source.from_sql)}) -%}
            {%- for name in ['file read', 'row of file'] if files is not none -%}
                {%- do source.columns.pop(name) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {%- for name in source.columns -%}
        {%- do source.names.update({name | lower: name}) -%}
    {%- endfor -%}
    {%- if setting.filled_down_by and not source.problem -%}
        {%- do source.update(assay.filled_down(feed, setting, source)) -%}
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
            and 'rowid' not in columns | map('lower')
    }) -%}
{% endmacro %}


{#- The ending of a file, compressed or not. -#}
{% macro file_ending(location) %}
    {%- do return(location.lower().removesuffix('.gz').removesuffix('.zst')
        .split('.')[-1]) -%}
{% endmacro %}


{% macro _file_source(feed, setting, only) %}
    {%- set location = only or setting.location -%}
    {%- set ending = assay.file_ending(setting.location) -%}
    {%- set format = {
        'parquet': 'parquet', 'csv': 'csv', 'tsv': 'csv', 'json': 'json',
        'jsonl': 'json', 'ndjson': 'json'
    }.get(ending) -%}
    {%- if not format -%}
        {%- do return({'problem': 'file ' ~ location ~ ' ends in none of .parquet,'
            ~ ' .csv, .tsv, .json, .jsonl'}) -%}
    {%- endif -%}
    {%- set files = only or run_query('select file from glob('
        ~ assay.literal(location) ~ ') order by file').columns[0].values() -%}
    {%- if not files -%}
        {%- do return({'problem': 'file ' ~ location ~ ' does not exist'}) -%}
    {%- elif format == 'csv' -%}
        {%- do return(assay.csv_source(feed, files, setting, only is not none)) -%}
    {%- endif -%}
    {%- set from_sql = assay._reader(format, location) -%}
    {%- if not assay.can_run('select * from ' ~ from_sql ~ ' limit 0') -%}
        {%- for file in files
            if not assay.can_run('select * from ' ~ assay._reader(format, file)
            ~ ' limit 0') -%}
            {%- do return({'problem': 'file ' ~ file ~ ' cannot be read as ' ~ format
                ~ ': it is truncated, damaged or of another format'}) -%}
        {%- endfor -%}
        {%- do return({'problem': 'the columns of the files ' ~ location
            ~ ' do not fit together'}) -%}
    {%- endif -%}
    {%- if format == 'json' -%}
        {#- As text, so that a value which does not cast is kept as it was found. -#}
        {%- set columns = [] -%}
        {%- for column in assay._columns_of(from_sql) -%}
            {%- do columns.append(assay.literal(column) ~ ": 'VARCHAR'") -%}
        {%- endfor -%}
        {%- set from_sql = 'read_json(' ~ assay._file_list(location) ~ ', columns = {'
            ~ columns | join(', ') ~ '})' -%}
    {%- endif -%}
    {%- set named, replaced = 'filename', '' -%}
    {%- if setting.get('file_name') -%}
        {%- if setting.file_name | lower in assay._columns_of(from_sql) | map(
            'lower') -%}
            {%- do return({'problem': 'file_name ' ~ setting.file_name
                ~ ' is a column of'
                ~ ' its file already; choose another name'}) -%}
        {%- endif -%}
        {%- set named = assay.quoted(setting.file_name) -%}
        {%- set replaced = ' replace (if(starts_with(' ~ named ~ ', '
            ~ assay.literal(setting.folder) ~ '), substr(' ~ named ~ ', '
            ~ (setting.folder | length + 1) ~ '), ' ~ named ~ ') as ' ~ named ~ ')' -%}
        {%- set from_sql = from_sql[:-1] ~ ', filename = '
            ~ assay.literal(setting.file_name) ~ ')' -%}
    {%- endif -%}
    {%- if replaced or only is not none -%}
        {%- set from_sql = '(select *' ~ replaced ~ ('' if only is none else ', '
            ~ named ~ ' as "file read", ' ~ ('file_row_number' if format == 'parquet'
            else 'row_number() over ()') ~ ' as "row of file"') ~ ' from ' ~ from_sql
            ~ ')' -%}
    {%- endif -%}
    {%- do return({'from_sql': from_sql}) -%}
{% endmacro %}


{#- The files of a pattern, or those of a list. -#}
{% macro _file_list(location) %}
    {%- if location is string -%}
        {%- do return(assay.literal(location)) -%}
    {%- endif -%}
    {%- set files = [] -%}
    {%- for file in location -%}
        {%- do files.append(assay.literal(file)) -%}
    {%- endfor -%}
    {%- do return('[' ~ files | join(', ') ~ ']') -%}
{% endmacro %}


{% macro _reader(format, location) %}
    {%- do return(
        'read_' ~ format ~ '(' ~ assay._file_list(location)
        ~ ', union_by_name = true)') -%}
{% endmacro %}


{% macro _columns_of(from_sql) %}
    {%- set columns = {} -%}
    {%- for row in run_query('describe select * from ' ~ from_sql).rows -%}
        {%- do columns.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}
