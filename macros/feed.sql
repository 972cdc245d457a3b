{#-
The staging model of one feed: renames and casts the columns of its source and drops
nothing. A value that does not cast, or not as its column means it (`1.299` where it
writes decimal commas), is null in its column and stands as found in
`<column>_as_found`; a column that is not supplied is null throughout. Columns outside
the contract keep their names and types; where a name is taken, `_in_source` is added.
A table where the feed is a file, so that the file is read once; a view where the feed
is a table already, with `record_number`, its rowid, to tell rows apart.
-#}
{% macro feed(name) %}
    {%- set setting = feed_setting(name) -%}
    {%- set is_file = setting.kind == 'file' -%}
    {{- config(
        materialized='view' if setting.kind in ['sample', 'table'] else 'table',
        post_hook="{{ stop_at_rejected_lines('" ~ name ~ "') }}" if is_file else []
    ) -}}
    -- depends_on: {{ ref('stg_feeds') }}
    {%- if setting.kind == 'sample' %}, {{ ref('sample_' ~ name) }}{% endif %}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set source = feed_source(name) -%}
    {%- set selected = ['found.rowid as record_number'] if source.has_rowid else [] -%}
    {%- set used, taken = [], ['record_number', 'rowid'] -%}
    {%- for column, type in feed_contract(name).items() -%}
        {%- set source_columns = mapped_columns(setting, column, source) -%}
        {%- do used.extend(source_columns) -%}
        {%- do taken.extend([column, column ~ '_as_found'] if type != 'varchar'
            else [column]) -%}
        {#- A file is read once; of a table no more columns than are asked for. -#}
        {%- set peers = none if is_file else source.from_sql
            ~ (' as found where ' ~ setting.where if setting.where else ' as found') -%}
        {%- do selected.extend(
            _staged_column(column, type, source_columns, source, peers)) -%}
    {%- endfor -%}
    {%- for column in source.columns if column not in used -%}
        {%- set is_taken = column | lower in taken -%}
        {%- do selected.append('found.' ~ quoted(column)
            ~ (' as ' ~ quoted(column ~ '_in_source') if is_taken else '')) -%}
    {%- endfor %}

select
    {{ selected | join(',\n    ') }}
from {{ source.from_sql or '(select 1 where false)' }} as found
{%- if setting.where %}
where {{ setting.where }}
{%- endif %}
{% endmacro %}


{#-
The source columns that make one contract column, spelled as in the source; several are
joined by a dash. Letter case tells no names apart, as in SQL.
-#}
{% macro mapped_columns(setting, column, source) %}
    {%- set source_columns = [] -%}
    {%- for name in as_list(setting.columns.get(column, column)) -%}
        {%- do source_columns.append(source.names.get(name | lower, name)) -%}
    {%- endfor -%}
    {%- do return(source_columns) -%}
{% endmacro %}


{#- One contract column, and beside a typed one what was found that did not cast. -#}
{% macro _staged_column(column, type, source_columns, source, peers) %}
    {%- set parts = [] -%}
    {%- for part in source_columns if part in source.columns -%}
        {%- do parts.append('found.' ~ quoted(part)) -%}
    {%- endfor -%}
    {%- set as_found = 'cast(null as varchar)' -%}
    {%- if parts | length < source_columns | length -%}
        {%- set cast_value = 'cast(null as ' ~ type ~ ')' -%}
    {%- else -%}
        {%- set value = parts[0] if parts | length == 1
            else "concat_ws('-', " ~ parts | join(', ') ~ ')' -%}
        {%- set source_type = source.columns[source_columns[0]] | upper
            if parts | length == 1 else 'VARCHAR' -%}
        {%- set cast_value = cast_or_null(value, source_type, type) -%}
        {%- if type == 'double' and source_type == 'VARCHAR' -%}
            {%- set misread = is_misread_number(value, none if peers is none
                else '(select ' ~ value ~ ' as text from ' ~ peers ~ ')') -%}
            {%- set cast_value = 'case when ' ~ misread ~ ' is not true then '
                ~ cast_value ~ ' end' -%}
        {%- endif -%}
        {%- if cast_value != value -%}
            {%- set as_found = 'case when ' ~ cast_value ~ ' is null then cast(' ~ value
                ~ ' as varchar) end' -%}
        {%- endif -%}
    {%- endif -%}
    {%- set staged = [cast_value ~ ' as ' ~ column] -%}
    {%- if type != 'varchar' -%}
        {%- do staged.append(as_found ~ ' as ' ~ column ~ '_as_found') -%}
    {%- endif -%}
    {%- do return(staged) -%}
{% endmacro %}
