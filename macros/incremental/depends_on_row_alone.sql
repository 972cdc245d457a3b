{#-
Whether SQL expressions say the same of a row whatever other rows, and whatever moment it
is: they hold no query, no window, and no function but those of which the engine says that
they always give the same. What cannot be told is no.
-#}
{% macro depends_on_row_alone(expressions) %}
    {%- set known = assay.kept_for_run('functions of a row') -%}
    {%- if not known -%}
        {%- for row in run_query("select function_name from duckdb_functions()"
            ~ " where function_type in ('scalar', 'macro') group by 1 having bool_and("
            ~ "internal and (stability = 'CONSISTENT' or (function_type = 'macro' and"
            ~ " (function_name in ('split_part', 'nullif', 'if', 'fdiv', 'fmod',"
            ~ " 'date_add') or regexp_matches(function_name, '^(list|array|map)_')))))"
            ).rows if row[0] != 'age' -%}
            {%- do known.update({row[0]: true}) -%}
        {%- endfor -%}
        {#- What looks like a function and is syntax. -#}
        {%- for word in ['in', 'and', 'or', 'not', 'when', 'then', 'else', 'cast', 'as',
            'try_cast', 'try', 'coalesce', 'between', 'like', 'ilike', 'decimal',
            'varchar', 'extract', 'from', 'to', 'row', 'x'] -%}
            {%- do known.update({word: true}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for expression in expressions if expression -%}
        {#- Texts and quoted names say nothing of what is called. -#}
        {%- set sql = modules.re.sub('\'(?:[^\']|\'\')*\'|"(?:[^"]|"")*"', ' x ',
            expression | string | lower) -%}
        {%- if modules.re.search('\\b(select|over|current_\\w+|local\\w*time\\w*|'
            ~ 'session_user|user|filter|exists|columns)\\b', sql)
            or '--' in sql or '/*' in sql or '$$' in sql -%}
            {%- do return(false) -%}
        {%- endif -%}
        {%- for word in modules.re.findall('([\\w$.]+)\\s*[(]', sql)
            if word not in known -%}
            {%- do return(false) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(true) -%}
{% endmacro %}
