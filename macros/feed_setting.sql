{#-
What `vars` say of one feed, known when the project is parsed.
Returns a dict: kind (sample, file, table or none: the feed is not supplied), location,
columns (contract column -> source column or columns), where, cycle.
-#}
{% macro feed_setting(feed) %}
    {%- set feeds = var('feeds', 'sample') -%}
    {%- if feeds == 'sample' -%}
        {%- do return({'kind': 'sample', 'columns': {}}) -%}
    {%- endif -%}
    {%- set given = feeds.get(feed, 'none') if feeds is mapping else 'none' -%}
    {%- set given = {} if given is none else given -%}
    {#- What has another shape than it must have is reported by setting_problems(). -#}
    {%- if given is not mapping -%}
        {%- do return({'kind': 'none', 'columns': {}}) -%}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- if given.get('columns') is mapping -%}
        {%- for column, source_columns in given.columns.items()
            if is_name(source_columns) -%}
            {%- do columns.update({column: source_columns}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set setting = {
        'columns': columns,
        'where': given.get('where'),
        'cycle': given.get('cycle')
    } -%}
    {%- if given.get('table') -%}
        {%- do setting.update({'kind': 'table', 'location': given.table}) -%}
    {%- else -%}
        {%- set folder = env_var('ASSAY_FOLDER', var('folder', '.') | string) -%}
        {%- set file = (given.get('file') or feed ~ '.parquet') | string -%}
        {%- do setting.update({
            'kind': 'file',
            'location': file if file.startswith('/') or '://' in file
                else folder.rstrip('/') ~ '/' ~ file
        }) -%}
    {%- endif -%}
    {%- do return(setting) -%}
{% endmacro %}


{#- Whether a setting is a name, or a list of names. -#}
{% macro is_name(setting) %}
    {%- do return(setting is string or (setting is iterable and setting is not mapping
        and setting | length > 0 and setting | reject('string') | list == [])) -%}
{% endmacro %}
