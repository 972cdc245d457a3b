{#-
What `vars` say of one feed, known when the project is parsed.
Returns a dict: kind (sample, file, table or none: the feed is not supplied), location,
columns (contract column -> source column), where, cycle.
-#}
{% macro feed_setting(feed) %}
    {%- set feeds = var('feeds', 'sample') -%}
    {%- if feeds == 'sample' -%}
        {%- do return({'kind': 'sample', 'columns': {}}) -%}
    {%- endif -%}
    {%- if feeds is not mapping or feed not in feeds -%}
        {%- do return({'kind': 'none', 'columns': {}}) -%}
    {%- endif -%}
    {%- set given = feeds[feed] if feeds[feed] is mapping else {} -%}
    {%- set setting = {
        'columns': given.get('columns') or {},
        'where': given.get('where'),
        'cycle': given.get('cycle')
    } -%}
    {%- if given.get('table') -%}
        {%- do setting.update({'kind': 'table', 'location': given.table}) -%}
    {%- else -%}
        {%- set folder = env_var('ASSAY_FOLDER', var('folder', '.')) -%}
        {%- set file = given.get('file') or feed ~ '.parquet' -%}
        {%- do setting.update({
            'kind': 'file',
            'location': file if file.startswith('/') or '://' in file
                else folder.rstrip('/') ~ '/' ~ file
        }) -%}
    {%- endif -%}
    {%- do return(setting) -%}
{% endmacro %}
