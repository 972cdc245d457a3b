{#-
The encoding of CSV files as DuckDB names it: it reads utf-8, utf-16 and latin-1, and
others where its extension `encodings` is loaded.
-#}
{% macro csv_encoding(name) %}
    {%- set name = name | string | lower -%}
    {%- do return({
        'utf8': 'utf-8', 'utf16': 'utf-16', 'latin1': 'latin-1', 'iso88591': 'latin-1'
    }.get(modules.re.sub('[-_ ]', '', name), name)) -%}
{% endmacro %}
