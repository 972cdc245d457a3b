{#- What is wrong with what `vars` say of one feed, as a list of sentences. -#}
{% macro feed_setting_problems(feed, given) %}
    {%- set problems = [] -%}
    {%- set place = 'Feed ' ~ feed ~ ': ' -%}
    {%- set settings = ['file', 'table', 'ref', 'source', 'columns', 'values', 'units',
        'cycle', 'where', 'filled_down_by', 'grades', 'header', 'encoding', 'delimiter',
        'file_name'] -%}
    {%- if feed not in assay.feed_names() -%}
        {%- do return(['Var feeds names ' ~ feed ~ ', which is no feed; there are '
            ~ assay.feed_names() | join(', ') ~ '.']) -%}
    {%- elif given is none -%}
        {%- do return([]) -%}
    {%- elif given is not mapping -%}
        {%- do return([place ~ 'write its settings (' ~ settings | join(', ')
            ~ ') one level below its name.']) -%}
    {%- endif -%}
    {%- for name, value in given.items() -%}
        {%- if name not in settings -%}
            {%- do problems.append(place ~ name ~ ' is no setting; there are '
                ~ settings | join(', ') ~ '.') -%}
        {%- elif assay.setting_problem(name, value) -%}
            {%- do problems.append(place ~ assay.setting_problem(name, value) ~ '.') -%}
        {%- elif name in ['columns', 'values', 'units'] -%}
            {%- for column, of_column in (value or {}).items()
                if assay.column_setting_problem(name, of_column) -%}
                {%- do problems.append(place ~ assay.column_setting_problem(name,
                    of_column)
                    .replace('{column}', column | string) ~ '.') -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set places = ['file', 'table', 'ref', 'source'] | select('in', given) | list -%}
    {%- if places | length > 1 -%}
        {%- do problems.append(place ~ places | join(' and ')
            ~ ' are given, but it has one place; leave one of them.') -%}
    {%- endif -%}
    {%- if given.get('grades') is not none and feed != 'relevance_labels' -%}
        {%- do problems.append(place
            ~ 'grades are for relevance_labels only; leave them'
            ~ ' out.') -%}
    {%- endif -%}
    {%- set ending = assay.file_ending(assay.feed_setting(feed).location | string) -%}
    {%- for name in ['header', 'encoding', 'delimiter', 'file_name']
        if given.get(name) is not none -%}
        {%- if assay.feed_setting(feed).kind == 'table' -%}
            {%- do problems.append(place ~ name ~ ' is for files, and it is a table;'
                ~ ' leave it out.') -%}
        {%- elif name != 'file_name' and ending in ['parquet', 'json', 'jsonl',
            'ndjson']
        -%}
            {%- do problems.append(place ~ name ~ ' is for CSV files, and its file ends'
                ~ ' in .' ~ ending ~ '; leave it out.') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- What is wrong with one setting of a feed, after `Feed x: `; none where nothing is. -#}
{% macro setting_problem(name, value) %}
    {%- if name in ['columns', 'values', 'units'] -%}
        {%- set line = {'columns': '<column of the feed>: <column found>',
            'values': '<column of the feed>: {<value found>: <value meant>}',
            'units': '<column of the feed>: <unit>'}[name] -%}
        {%- do return(none if value is none or value is mapping else '`' ~ name
            ~ '` is ' ~ assay.shown(value) ~ '; write one `' ~ line ~ '` a line') -%}
    {%- elif value is none -%}
        {%- do return(none) -%}
    {%- elif name in ['ref', 'source']
        and not assay.named_in_project(name, value) -%}
        {%- do return(name ~ ' is ' ~ assay.shown(value) ~ ': write '
            ~ ('the name of a model, or [<package>, <model>]' if name == 'ref'
                else '<source>.<table>')) -%}
    {%- elif name == 'cycle' and assay.seconds(value) is none -%}
        {%- do return('cycle ' ~ assay.shown(value)
            ~ ' is no span such as `1 day` or `12'
            ~ ' hours`') -%}
    {%- elif name == 'where' and not assay.is_text(value) -%}
        {%- do return('where is ' ~ assay.shown(value)
            ~ ', which is no condition in SQL') -%}
    {%- elif name == 'filled_down_by' and not assay.is_texts(value) -%}
        {%- do return('filled_down_by is ' ~ assay.shown(value)
            ~ ', which is no column found,'
            ~ ' nor a list of them') -%}
    {%- elif name == 'grades' and not (value is sequence and value is not string
        and value | length == 2 and assay.is_finite_number(value[0])
        and assay.is_finite_number(value[1]) and value[0] < value[1]) -%}
        {%- do return('grades is ' ~ assay.shown(value)
            ~ ': write the lowest and the highest,'
            ~ ' such as [1, 4]') -%}
    {%- elif name == 'header' and value is not boolean and not (value is not string
        and assay.is_texts(value) and value | map('lower') | unique | list | length
            == value | length) -%}
        {%- do return('header is ' ~ assay.shown(value)
            ~ ': write false where no line names'
            ~ ' the columns, or their names as a list, each once') -%}
    {%- elif name == 'encoding' and not assay.is_text(value) -%}
        {%- do return('encoding is ' ~ assay.shown(value)
            ~ ': write its name, such as utf-8,'
            ~ ' utf-16 or latin-1') -%}
    {%- elif name == 'delimiter' and not (value is string
        and modules.re.fullmatch('[^"\r\n\x00]{1,4}', value)) -%}
        {%- do return('delimiter is ' ~ assay.shown(value)
            ~ ': write one to four characters,'
            ~ ' without quotes and line ends') -%}
    {%- elif name == 'file_name' and not assay.is_text(value) -%}
        {%- do return('file_name is ' ~ assay.shown(value)
            ~ ': write the name of the column'
            ~ ' that the names of the files stand in') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#- The same of what `columns`, `values` or `units` say of one column, `{column}`. -#}
{% macro column_setting_problem(name, value) %}
    {%- if name == 'units' and assay.epoch_microseconds(value) is none -%}
        {%- do return('the unit of {column} is ' ~ assay.shown(value)
            ~ '; there are seconds,'
            ~ ' milliseconds, microseconds, nanoseconds') -%}
    {%- elif name == 'columns' and not assay.is_name(value) and not (value is mapping
        and value | length == 1 and (assay.is_text(value.get('sql'))
            or assay.is_scalar(value.get('constant')))) -%}
        {%- do return('column {column} is mapped to ' ~ assay.shown(value)
            ~ ', which is no'
            ~ ' column name, nor a list of them, nor {sql: <expression>} or'
            ~ ' {constant: <value>}') -%}
    {%- elif name == 'values' -%}
        {%- if value is not mapping or not value -%}
            {%- do return('the values of {column} are ' ~ assay.shown(value)
                ~ '; write one `<value found>: <value meant>` a line') -%}
        {%- endif -%}
        {%- for found, meant in value.items() if not assay.is_scalar(found)
            or not (meant is none or assay.is_scalar(meant)) -%}
            {%- do return('the values of {column} map ' ~ assay.shown(found) ~ ' to '
                ~ assay.shown(meant) ~ '; each must be one value') -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#- Whether a value is one that a cell can hold. -#}
{% macro is_scalar(value) %}
    {%- do return(value is not none and '\x00' not in value | string
        and (value is string or value is not iterable)) -%}
{% endmacro %}
