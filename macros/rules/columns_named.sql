{#-
The columns of a table that SQL may name, as a list; none where that cannot be told from
its words: where it takes all columns, or a row as a whole. To bind a row of hundreds of
columns for each of hundreds of rules takes longer than to evaluate them.
-#}
{% macro columns_named(sql, table) %}
    {#- The first line is a comment, and to count rows takes no column. -#}
    {%- set sql = (sql.partition('select')[2] | lower).replace('count(*)', '') -%}
    {%- set as_a_whole = modules.re.sub(
        '\\b(from|join) watched\\b|\\bwatched *[.]', '', sql) -%}
    {%- set words = dict.fromkeys(modules.re.findall('[\\w$]+', sql)) -%}
    {%- if 'watched' in as_a_whole or 'columns' in words or 'natural' in words
        or '--' in sql or '/*' in sql or ('distinct' in words and '*' in sql)
        or modules.re.search('(\\b(select|all)|[,.(])\\s*[*]', sql) -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- set named = [] -%}
    {%- for word in words if word.isascii() and word in table.names -%}
        {%- do named.append(table.names[word]) -%}
    {%- endfor -%}
    {%- for column in assay._columns_beyond_ascii(table)
        if assay.quoted(column)[1:-1] | lower in sql -%}
        {%- do named.append(column) -%}
    {%- endfor -%}
    {%- do return(named) -%}
{% endmacro %}


{#- The columns whose names are no word of ASCII; looked for once a model. -#}
{% macro _columns_beyond_ascii(table) %}
    {%- if table.beyond_ascii is not defined -%}
        {%- set names = [] -%}
        {%- for column in table.columns
            if not modules.re.fullmatch('[A-Za-z0-9_$]+', column) -%}
            {%- do names.append(column) -%}
        {%- endfor -%}
        {%- do table.update({'beyond_ascii': names}) -%}
    {%- endif -%}
    {%- do return(table.beyond_ascii) -%}
{% endmacro %}
