{#-
The rows of CSV files, as text, so that a value which does not cast is kept as found.
Unless the settings of the feed say otherwise, a file is UTF-8, its first line names the
columns, a field may stand in double quotes, and the delimiter is the comma, semicolon,
tab or bar that the first line holds most of.
None of it is left to DuckDB to detect: it judges by the first rows, and a ragged row or
a quote further down, then changes what is read.
Files are read one by one: where DuckDB reads several at once, an open quote loses rows
without an error. A line that cannot be read is set aside; see rejected_lines().
-#}
{% macro csv_source(feed, files, setting, by_file=false) %}
    {%- set selects, headers = [], assay.kept_for_run('headers ' ~ feed) -%}
    {%- for file in files -%}
        {%- set header = headers.get(file) or assay._csv_header(file, setting) -%}
        {%- do headers.update({file: header}) -%}
        {%- if header.problem -%}
            {%- do return(header) -%}
        {%- endif -%}
        {%- set fields = ['*'] + ([assay.literal(file) ~ ' as "file read"',
            'row_number() over () as "row of file"'] if by_file else []) -%}
        {%- if setting.get('file_name') -%}
            {%- if setting.file_name | lower in header.names -%}
                {%- do return({'problem': 'file_name ' ~ setting.file_name
                    ~ ' is a column'
                    ~ ' of its file already; choose another name'}) -%}
            {%- endif -%}
            {%- do fields.append(assay.literal(file.removeprefix(setting.folder))
                ~ ' as '
                ~ assay.quoted(setting.file_name)) -%}
        {%- endif -%}
        {%- do selects.append('select ' ~ fields | join(', ') ~ ' from read_csv('
            ~ assay.literal(file) ~ ', delim = ' ~ assay.literal(header.delimiter)
            ~ ', columns = {'
            ~ header.columns | join(', ') ~ '}, encoding = '
            ~ assay.literal(setting.encoding) ~ ', auto_detect = false, header = '
            ~ (setting.header is sameas true) ~ ", quote = '\"', escape = '\"',"
            ~ ' max_line_size = 16000000, buffer_size = 32000000,'
            ~ " store_rejects = true, rejects_limit = 100, rejects_table = 'rejects_"
            ~ feed ~ "', rejects_scan = 'rejects_" ~ feed ~ "_scan')") -%}
    {%- endfor -%}
    {%- do return({
        'from_sql': '(\n    ' ~ selects | join('\n    union all by name\n    ') ~ '\n)'
    }) -%}
{% endmacro %}


{#- The delimiter of a file and its columns, from the first line and the settings. -#}
{% macro _csv_header(file, setting) %}
    {%- set first_line = 'select line from read_csv(' ~ assay.literal(file)
        ~ ", columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',"
        ~ ' auto_detect = false, strict_mode = false, ignore_errors = true,'
        ~ ' encoding = ' ~ assay.literal(setting.encoding) ~ ', header = ' -%}
    {%- if not assay.can_run(first_line ~ 'false) limit 1') -%}
        {%- do return({'problem': 'file ' ~ file ~ ' cannot be read: it is damaged'
            ~ (', or not ' ~ setting.encoding
            ~ ' (known are utf-8, utf-16, latin-1; others'
            ~ ' need the extension encodings of DuckDB)'
            if setting.encoding != 'utf-8' else '')}) -%}
    {%- endif -%}
    {%- set lines = run_query('select (' ~ first_line ~ 'false) limit 1), ('
        ~ first_line ~ 'true) limit 1)').rows[0] -%}
    {#- A line that is not UTF-8 is passed over: the second then comes first twice. -#}
    {%- if setting.header is sameas true and (not lines[0] or lines[0] == lines[1]) -%}
        {%- do return({'problem': 'the first line of file ' ~ file ~ ' must name the'
            ~ ' columns; it is empty or not ' ~ setting.encoding | upper}) -%}
    {%- endif -%}
    {%- set line = lines[0] or '' -%}
    {%- set delimiters = [','] -%}
    {%- set unquoted = modules.re.sub('"[^"]*"', '', line) -%}
    {%- for candidate in ';\t|'
        if unquoted.count(candidate) > unquoted.count(delimiters[-1]) -%}
        {%- do delimiters.append(candidate) -%}
    {%- endfor -%}
    {%- set delimiter = setting.delimiter or delimiters[-1] -%}
    {%- set escaped = modules.re.escape(delimiter) -%}
    {%- set fields = modules.re.findall('(?:^|' ~ escaped
        ~ ')(?:"((?:[^"]|"")*)"|((?:(?!'
        ~ escaped ~ ').)*))', line) -%}
    {%- set given = setting.header if setting.header is not boolean else [] -%}
    {%- if given and line and given | length != fields | length -%}
        {%- do return({'problem': 'header names ' ~ given | length ~ ' columns, and the'
            ~ ' first line of file ' ~ file ~ ' has ' ~ fields | length}) -%}
    {%- endif -%}
    {%- set line_names = [] -%}
    {%- for in_quotes, bare in fields -%}
        {%- do line_names.append((in_quotes or bare.strip()) | lower) -%}
    {%- endfor -%}
    {%- if given and line_names == given | map('lower') | list -%}
        {%- do return({'problem': 'the first line of file ' ~ file
            ~ ' names the columns;'
            ~ ' leave header out'}) -%}
    {%- endif -%}
    {%- set names, columns = [], [] -%}
    {%- for in_quotes, bare in fields -%}
        {%- set name = given[loop.index0] if given else 'column_' ~ loop.index
            if setting.header is sameas false
            else in_quotes.replace('""', '"') or bare.strip() -%}
        {%- if not name or name | lower in names -%}
            {%- set name = (name or 'column') ~ '_' ~ loop.index -%}
        {%- endif -%}
        {%- do names.append(name | lower) -%}
        {%- do columns.append(assay.literal(name) ~ ": 'VARCHAR'") -%}
    {%- endfor -%}
    {%- do return({'delimiter': delimiter, 'columns': columns, 'names': names}) -%}
{% endmacro %}
