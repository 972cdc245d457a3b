{#-
What `vars` say of one feed, known when the project is parsed.
Returns a dict: kind (sample, file, table or none: the feed is not supplied), location,
of a table that is a `ref` or `source` of the project `reads` (its two names),
columns (contract column -> source column or columns, {sql} or {constant}), values
(contract column -> value found -> value meant), units (contract column -> unit of its
epochs), where, cycle, grades, filled_down_by (list of source columns); and of files
header (true, false or names), encoding, delimiter, file_name.
What has another shape than it must have is left out here, and is reported by
setting_problems().
-#}
{% macro feed_setting(feed) %}
    {%- set feeds = assay.setting('feeds') -%}
    {%- set given = feeds.get(feed, 'none') if feeds is mapping else 'none' -%}
    {%- set given = {} if given is none else given -%}
    {%- if given is not mapping -%}
        {%- do return({'kind': 'sample' if feeds == 'sample' else 'none', 'columns': {},
            'values': {}, 'units': {}, 'filled_down_by': []}) -%}
    {%- endif -%}
    {%- set setting = {} -%}
    {%- for name, value in given.items() if not assay.setting_problem(name, value) -%}
        {%- do setting.update({name: value}) -%}
    {%- endfor -%}
    {%- for name in ['columns', 'values', 'units'] -%}
        {%- set sound = {} -%}
        {%- if given.get(name) is mapping -%}
            {%- for column, value in given[name].items()
                if not assay.column_setting_problem(name, value) -%}
                {%- do sound.update({column: value}) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- do setting.update({name: sound}) -%}
    {%- endfor -%}
    {%- do setting.update({
        'header': setting.get('header', true),
        'encoding': assay.csv_encoding(setting.get('encoding') or 'utf-8'),
        'delimiter': (setting.get('delimiter') or '').replace('\\t', '\t'),
        'filled_down_by': assay.as_list(setting.get('filled_down_by'))
    }) -%}
    {%- if given.get('table') -%}
        {%- do setting.update({'kind': 'table', 'location': given.table}) -%}
    {%- elif given.get('ref') or given.get('source') -%}
        {%- set how = 'ref' if given.get('ref') else 'source' -%}
        {%- set names = assay.named_in_project(how, given[how]) -%}
        {%- do setting.update({'kind': 'table', 'location': names | join('.'),
            'reads': names} if names else {'kind': 'none'}) -%}
    {%- else -%}
        {%- set folder = env_var('ASSAY_FOLDER', var('folder', '.') | string)
            .rstrip('/') ~ '/' -%}
        {%- set file = (given.get('file') or feed ~ '.parquet') | string -%}
        {%- do setting.update({
            'kind': 'file',
            'folder': folder,
            'location': file if file.startswith('/') or '://' in file
                else folder ~ file
        }) -%}
    {%- endif -%}
    {%- do return(setting) -%}
{% endmacro %}


{#- Whether a setting is a name, or a list of names. -#}
{% macro is_name(setting) %}
    {%- do return(setting is string or (setting is iterable and setting is not mapping
        and setting | length > 0 and setting | reject('string') | list == [])) -%}
{% endmacro %}


{#-
The two names of what `ref` (the package, and a model, seed or snapshot) or `source` (the
source, and a table) gives; none where that is neither.
-#}
{% macro named_in_project(how, value) %}
    {%- set names = value.split('.') if value is string and how == 'source'
        else [project_name, value] if value is string else value -%}
    {%- do return(names if names is sequence and names is not string
        and names | length == 2 and names | reject('string') | list == []
        and '' not in names else none) -%}
{% endmacro %}


{#- The relation of a feed that is a `ref` or `source` of the project. -#}
{% macro relation_read(setting) %}
    {%- do return(source(*setting.reads) if setting.get('source')
        else ref(*setting.reads)) -%}
{% endmacro %}
