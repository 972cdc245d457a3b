{#-
The rows of CSV files, as text, so that a value which does not cast is kept as found.
A file is UTF-8, its first line names the columns, a field may stand in double quotes,
and the delimiter is the comma, semicolon, tab or bar that the first line holds most of.
None of it is left to DuckDB to detect: it judges by the first rows, and a ragged row or
a quote further down, then changes what is read.
Files are read one by one: where DuckDB reads several at once, an open quote loses rows
without an error. A line that cannot be read is set aside; see rejected_lines().
-#}
{% macro csv_source(feed, files) %}
    {%- set selects = [] -%}
    {%- for file in files -%}
        {%- set header = _csv_header(file) -%}
        {%- if header.problem -%}
            {%- do return(header) -%}
        {%- endif -%}
        {%- do selects.append('select * from read_csv(' ~ literal(file) ~ ', delim = '
            ~ literal(header.delimiter) ~ ', columns = {' ~ header.columns | join(', ')
            ~ "}, auto_detect = false, header = true, quote = '\"', escape = '\"',"
            ~ ' max_line_size = 16000000, buffer_size = 32000000,'
            ~ " store_rejects = true, rejects_limit = 100, rejects_table = 'rejects_"
            ~ feed ~ "', rejects_scan = 'rejects_" ~ feed ~ "_scan')") -%}
    {%- endfor -%}
    {%- do return({
        'from_sql': '(\n    ' ~ selects | join('\n    union all by name\n    ') ~ '\n)'
    }) -%}
{% endmacro %}


{#- The delimiter of a file and its columns, from the first line. -#}
{% macro _csv_header(file) %}
    {%- set first_line = 'select line from read_csv(' ~ literal(file)
        ~ ", columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = '',"
        ~ ' auto_detect = false, strict_mode = false, ignore_errors = true,'
        ~ ' header = ' -%}
    {%- if not can_run(first_line ~ 'false) limit 1') -%}
        {%- do return({
            'problem': 'file ' ~ file ~ ' cannot be read: it is damaged'}) -%}
    {%- endif -%}
    {%- set lines = run_query('select (' ~ first_line ~ 'false) limit 1), ('
        ~ first_line ~ 'true) limit 1)').rows[0] -%}
    {#- A line that is not UTF-8 is passed over: the second then comes first twice. -#}
    {%- if not lines[0] or lines[0] == lines[1] -%}
        {%- do return({'problem': 'the first line of file ' ~ file ~ ' must name the'
            ~ ' columns; it is empty or not UTF-8'}) -%}
    {%- endif -%}
    {%- set delimiters = [','] -%}
    {%- set unquoted = modules.re.sub('"[^"]*"', '', lines[0]) -%}
    {%- for candidate in ';\t|'
        if unquoted.count(candidate) > unquoted.count(delimiters[-1]) -%}
        {%- do delimiters.append(candidate) -%}
    {%- endfor -%}
    {%- set delimiter = modules.re.escape(delimiters[-1]) -%}
    {%- set names, columns = [], [] -%}
    {%- for in_quotes, bare in modules.re.findall(
        '(?:^|' ~ delimiter ~ ')(?:"((?:[^"]|"")*)"|([^' ~ delimiter ~ ']*))', lines[0]
    ) -%}
        {%- set name = in_quotes.replace('""', '"') or bare.strip() -%}
        {%- if not name or name | lower in names -%}
            {%- set name = (name or 'column') ~ '_' ~ loop.index -%}
        {%- endif -%}
        {%- do names.append(name | lower) -%}
        {%- do columns.append(literal(name) ~ ": 'VARCHAR'") -%}
    {%- endfor -%}
    {%- do return({'delimiter': delimiters[-1], 'columns': columns}) -%}
{% endmacro %}
