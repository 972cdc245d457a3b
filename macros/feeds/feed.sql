{#-
The staging model of one feed: renames and casts the columns of its source and drops
nothing. A value that does not cast, or not as its column means it (`1.299` where it
writes decimal commas), is null in its column and stands as found in
`<column>_as_found`; a column that is not supplied is null throughout. Columns outside
the contract keep their names and types; where a name is taken, `_in_source` is added.
A table where the feed is a file, so that the file is read once, and of many files none is
read again that has not changed; a view where the feed is a table already. With
`record_number` to tell rows apart: of a table its rowid, of many files what files_to_read()
says.
-#}
{% macro feed(name) %}
    {%- do assay.only_with_feeds(name) -%}
    {%- set setting = dict(assay.feed_setting(name),
        is_read_by_file=assay.is_read_by_file(name)) -%}
    {%- set is_file = setting.kind == 'file' -%}
    {{- config(
        materialized='view' if setting.kind in ['sample', 'table']
            else 'by_file' if setting.is_read_by_file else 'table',
        post_hook="{{ stop_at_rejected_lines('" ~ name ~ "') }}" if is_file else []
    ) -}}
    -- depends_on: {{ ref('assay', 'stg_feeds') }}
    {%- if setting.kind == 'sample' %}, {{ assay.sample_of(name) }}{% endif %}
    {%- if setting.reads %}, {{ assay.relation_read(setting) }}{% endif %}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set source = assay.feed_source(name) -%}
    {%- if source.from_sql and setting.is_read_by_file -%}
        {{- assay._rows_of_files(name, setting, source) }}
    {%- else %}

select
    {{ assay._staged_row(name, setting, source) | join(',\n    ') }}
from {{ source.from_sql or '(select 1 where false)' }} as found
    {%- if setting.where %}
where {{ setting.where }}
    {%- endif %}
    {%- endif %}
{% endmacro %}


{#-
The rows of the files that are new or changed; of all, where the new ones have other columns,
or with them the numbers of a column are read otherwise.
-#}
{% macro _rows_of_files(name, setting, source) %}
    {%- set staged = assay._staged_row(name, setting, source) -%}
    {%- set row_sql = ([setting.where] + staged) | join(', ') -%}
    {%- set plan = assay.files_to_read(name, row_sql, source) -%}
    {%- set texts = {} -%}
    {%- for column in assay.feed_contract(name)
        if assay.writes_commas(column) in row_sql -%}
        {%- do texts.update({column: assay._found(column, setting, source).value}) -%}
    {%- endfor -%}
    {%- set read = assay._source_to_read(name, setting, source, plan, texts) -%}
    {%- if not plan.is_whole and (read.columns != source.columns
        or assay.changed_files(name).read_as != [plan.read_as]) -%}
        {%- set plan = assay.files_to_read(name, row_sql, source, is_whole=true) -%}
        {%- set read = assay._source_to_read(name, setting, source, plan, texts) -%}
    {%- endif -%}
    {%- set selected = [] -%}
    {%- for sql in staged -%}
        {%- set read_as = [sql] -%}
        {%- for column, are_commas in fromjson(plan.read_as).items() -%}
            {%- do read_as.append(read_as[-1].replace(assay.writes_commas(column),
                are_commas | string)) -%}
        {%- endfor -%}
        {%- do selected.append(read_as[-1]) -%}
    {%- endfor %}

select
    files."file number" * 10000000000 + found."row of file" as record_number,
    {{ selected | join(',\n    ') }}
from {{ read.from_sql }} as found
inner join (
    values
    {%- for file in plan.read or [{'file': '', 'file_number': 0}] %}
    ({{ assay.literal(file.file) }}, {{ file.file_number }}){{ ',' if not loop.last }}
    {%- endfor %}
) as files ("file of number", "file number") on found."file read" = files."file of number"
    {%- if setting.where %}
where {{ setting.where }}
    {%- endif %}
{% endmacro %}


{#-
The files that a plan reads, as feed_source() describes them. Counts in each that is new how
numbers are written in the columns of texts, and notes in the plan how they are read.
-#}
{% macro _source_to_read(name, setting, source, plan, texts) %}
    {%- set files = plan.read | map(attribute='file') | list -%}
    {%- set read = assay.feed_source(name, files
        or [assay.changed_files(name).with_rows]) -%}
    {%- set changes, counted, read_as = assay.changed_files(name), {}, {} -%}
    {%- set new = plan.read | rejectattr('styles') | list -%}
    {%- if texts and new and read.columns == source.columns -%}
        {%- set counts = [] -%}
        {%- for text in texts.values() -%}
            {%- do counts.extend(assay.signs_of_numbers(text)) -%}
        {%- endfor -%}
        {%- for row in run_query('select "file read", ' ~ counts | join(', ')
            ~ ' from ' ~ (read if new | length == files | length
                else assay.feed_source(name, new | map(attribute='file') | list)
                ).from_sql ~ ' as found' ~ (' where ' ~ setting.where
                if setting.where else '') ~ ' group by 1').rows -%}
            {%- do counted.update({row[0]: row}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for file in new -%}
        {%- do file.update({'styles': {}}) -%}
        {%- for column in texts -%}
            {%- set row = counted.get(file.file) or [0] * 99 -%}
            {%- do file.styles.update({column: [row[1 + 2 * loop.index0],
                row[2 + 2 * loop.index0]]}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set styles = plan.read | map(attribute='styles') | list
        + ([] if plan.is_whole else changes.styles.values() | list) -%}
    {%- for column in texts -%}
        {%- set signs = styles | map(attribute=column) | list -%}
        {%- do read_as.update({column: signs | map('first') | sum
            > signs | map('last') | sum / 5}) -%}
    {%- endfor -%}
    {%- do plan.update({'read_as': tojson(read_as)}) -%}
    {%- do return(read) -%}
{% endmacro %}


{#- Where SQL says whether a column of many files writes decimal commas. -#}
{% macro writes_commas(column) %}
    {%- do return('"' ~ column ~ ' writes commas"') -%}
{% endmacro %}


{#- What is selected of each row of a feed, as a list. -#}
{% macro _staged_row(name, setting, source) %}
    {%- set selected = ['found.rowid as record_number'] if source.has_rowid else [] -%}
    {%- set used, taken = [], ['record_number', 'rowid'] -%}
    {%- for column, type in assay.feed_contract(name).items() -%}
        {%- do used.extend(assay.mapped_columns(setting, column, source)) -%}
        {%- do taken.extend([column, column ~ '_as_found'] if type != 'varchar'
            else [column]) -%}
        {#- A file is read once; of a table no more columns than are asked for. -#}
        {%- set peers = none if setting.kind == 'file' else source.from_sql
            ~ (' as found where ' ~ setting.where if setting.where else ' as found') -%}
        {%- do selected.extend(assay._staged_column(column, type, setting, source,
            peers)) -%}
    {%- endfor -%}
    {%- for column in source.columns if column not in used -%}
        {%- set is_taken = column | lower in taken -%}
        {%- do selected.append('found.' ~ assay.quoted(column)
            ~ (' as ' ~ assay.quoted(column ~ '_in_source') if is_taken else '')) -%}
    {%- endfor -%}
    {%- do return(selected) -%}
{% endmacro %}


{#-
The source columns that make one contract column, spelled as in the source; several are
joined by a dash. Letter case tells no names apart, as in SQL. An expression or a constant
is made of none.
-#}
{% macro mapped_columns(setting, column, source) %}
    {%- set source_columns, given = [], setting.columns.get(column, column) -%}
    {%- for name in assay.as_list(given) if given is not mapping -%}
        {%- do source_columns.append(source.names.get(name | lower, name)) -%}
    {%- endfor -%}
    {%- do return(source_columns) -%}
{% endmacro %}


{#- One contract column, and beside a typed one what was found that did not cast. -#}
{% macro _staged_column(column, type, setting, source, peers) %}
    {%- set found = assay._found(column, setting, source) -%}
    {%- set as_found = 'cast(null as varchar)' -%}
    {%- if found is none -%}
        {%- set cast_value = 'cast(null as ' ~ type ~ ')' -%}
    {%- elif type == 'timestamp' and column in setting.units -%}
        {%- set cast_value = assay.epoch_sql(found.value, setting.units[column]) -%}
    {%- else -%}
        {%- set cast_value = assay.cast_or_null(found.value, found.type, type) -%}
        {%- if type == 'double' and found.type == 'VARCHAR' -%}
            {%- set misread = assay.is_misread_number(found.value, none if peers is none
                else '(select ' ~ found.value ~ ' as text from ' ~ peers ~ ')',
                assay.writes_commas(column) if setting.is_read_by_file else none) -%}
            {%- set cast_value = 'case when ' ~ misread ~ ' is not true then '
                ~ cast_value ~ ' end' -%}
        {%- endif -%}
    {%- endif -%}
    {%- if found is not none and cast_value != found.value -%}
        {%- set as_found = 'case when ' ~ cast_value ~ ' is null then cast('
            ~ found.value
            ~ ' as varchar) end' -%}
    {%- endif -%}
    {%- set staged = [cast_value ~ ' as ' ~ column] -%}
    {%- if type != 'varchar' -%}
        {%- do staged.append(as_found ~ ' as ' ~ column ~ '_as_found') -%}
    {%- endif -%}
    {%- do return(staged) -%}
{% endmacro %}


{#- What is found for a contract column: value (SQL) and type; none if not supplied. -#}
{% macro _found(column, setting, source) %}
    {%- set given = setting.columns.get(column, column) -%}
    {%- set parts = [] -%}
    {%- for part in assay.mapped_columns(setting, column, source) -%}
        {%- if part not in source.columns -%}
            {%- do return(none) -%}
        {%- endif -%}
        {%- do parts.append('found.' ~ assay.quoted(part)) -%}
    {%- endfor -%}
    {%- if given is mapping and 'constant' in given -%}
        {%- set found = {'value': assay.value_literal(given.constant),
            'type': 'VARCHAR'} -%}
    {%- elif given is mapping -%}
        {%- set value = '(' ~ given.sql ~ '\n)' -%}
        {%- set found = {'value': value, 'type': run_query('describe select ' ~ value
            ~ ' from ' ~ source.from_sql ~ ' as found').rows[0][1] | upper} -%}
    {%- elif parts | length == 1 -%}
        {%- set name = assay.mapped_columns(setting, column, source)[0] -%}
        {%- set found = {'value': parts[0], 'type': source.columns[name] | upper} -%}
    {%- else -%}
        {%- set found = {
            'value': "concat_ws('-', " ~ parts | join(', ') ~ ')',
            'type': 'VARCHAR'} -%}
    {%- endif -%}
    {%- if column in setting['values'] -%}
        {%- do found.update(assay._meant(found, setting['values'][column])) -%}
    {%- endif -%}
    {%- do return(found) -%}
{% endmacro %}


{#- What a value found means by a map; what is not in the map is kept as found. -#}
{% macro _meant(found, values) %}
    {%- set text = assay.as_text(found.value, found.type) -%}
    {%- set whens = [] -%}
    {%- for value, meant in values.items() -%}
        {%- set key = 'trim(' ~ text ~ ')' -%}
        {#- YAML reads yes and no as booleans, however they are written. -#}
        {%- set is_key = 'lower(' ~ key ~ ') in '
            ~ ("('true', 'yes', 'on')" if value else "('false', 'no', 'off')")
            if value is boolean
            else 'try_cast(' ~ key ~ ' as double) = ' ~ value
            if assay.is_finite_number(value)
                or modules.re.fullmatch('0|-?[1-9][0-9]{0,14}', value | string)
            else key ~ ' = ' ~ assay.value_literal(value) -%}
        {%- do whens.append('when ' ~ is_key ~ ' then '
            ~ ('null' if meant is none else assay.value_literal(meant))) -%}
    {%- endfor -%}
    {%- do return({'type': 'VARCHAR',
        'value': '(case ' ~ whens | join(' ') ~ ' else ' ~ text ~ ' end)'}) -%}
{% endmacro %}
