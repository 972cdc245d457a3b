{#-
One row per feed and contract column: where it comes from and whether it is supplied.
Looks at every feed before anything is read, and stops the build with one sentence for
each thing that is wrong, so that the marts of the last build stay as they are.
-#}
{% macro supplied_columns() %}
    {%- for feed in assay.feed_names() %}
        {%- set setting = assay.feed_setting(feed) %}
        {%- if setting.kind == 'sample' %}
-- depends_on: {{ assay.sample_of(feed) }}
        {%- elif setting.reads %}
-- depends_on: {{ assay.relation_read(setting) }}
        {%- endif %}
    {%- endfor %}
    {% if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set problems = assay.setting_problems() -%}
    {%- set rows = [] -%}
    {%- for feed in assay.feed_names() -%}
        {%- set setting = assay.feed_setting(feed) -%}
        {%- set contract = assay.feed_contract(feed) -%}
        {%- set source = assay.feed_source(feed) -%}
        {%- if source.problem -%}
            {%- do problems.append('Feed ' ~ feed ~ ': ' ~ source.problem ~ '.') -%}
        {%- elif setting.kind != 'none' -%}
            {%- do problems.extend(assay._feed_problems(feed, setting, contract,
                source)) -%}
        {%- endif -%}
        {%- for column, type in contract.items() -%}
            {%- set mapped = assay.mapped_columns(setting, column, source) -%}
            {%- set is_supplied = setting.kind != 'none'
                and mapped | reject('in', source.columns) | list == [] -%}
            {%- do rows.append([
                assay.literal(feed), assay.literal(column), assay.literal(type),
                assay.literal(setting.kind),
                assay.literal(setting.get('location')),
                assay.literal(none if not is_supplied else mapped | join(', ')
                    or assay._made_of(setting.columns[column])),
                assay.literal(none if not is_supplied else assay._source_type(
                    mapped, setting, column, source)),
                'true' if is_supplied else 'false'
            ] | join(', ')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(problems | join('\n  ')) -%}
    {%- endif -%}
    {#- Without a feed there is no row, but its columns. -#}
    {%- set no_row = ['cast(null as varchar)'] * 7 + ['false'] -%}
select *
from (
    values
    ({{ (rows or [no_row | join(', ')]) | join('),\n    (') }})
) as supplied (
    feed, column_name, data_type, source_kind, source_location, source_columns,
    source_type, is_supplied
)
where feed is not null
{%- endmacro %}


{#- What a column is made of that is no column of the source, in words. -#}
{% macro _made_of(given) %}
    {%- do return((given.keys() | first) ~ ' ' ~ (given.values() | first)) -%}
{% endmacro %}


{#- What is wrong with one feed whose source was found, as sentences. -#}
{% macro _feed_problems(feed, setting, contract, source) %}
    {%- set place = 'Feed ' ~ feed ~ ', ' ~ setting.kind ~ ' '
        ~ (setting.get('location') or 'sample_' ~ feed) ~ ': ' -%}
    {%- set first_row = 'select 1 from ' ~ source.from_sql ~ ' as found' -%}
    {%- set has_rows = flags.EMPTY or setting.kind == 'sample' -%}
    {%- if not has_rows and not assay.can_run(first_row ~ ' limit 1') -%}
        {%- do return([place ~ 'it cannot be read; it is damaged, or its lines do not'
            ~ ' all end in the same way.']) -%}
    {%- elif not has_rows and not run_query(first_row ~ ' limit 1').rows -%}
        {%- do return(assay.rejected_lines(feed) or [place
            ~ 'there is no row in it; leave'
            ~ ' the feed out of `feeds` when it is not supplied.']) -%}
    {%- endif -%}
    {%- set problems = assay._column_problems(feed, place, setting, contract,
        source) -%}
    {%- if setting.where and not problems -%}
        {%- set first_row = first_row ~ ' where ' ~ setting.where ~ '\nlimit 1' -%}
        {%- if not assay.can_run(first_row) -%}
            {%- do problems.append(place ~ '`where` cannot be evaluated: '
                ~ setting.where ~ '.') -%}
        {%- elif not has_rows and not run_query(first_row).rows -%}
            {%- do problems.append(place ~ 'no row in it meets `where`: '
                ~ setting.where ~ '.') -%}
        {%- endif -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{% macro _column_problems(feed, place, setting, contract, source) %}
    {%- set problems = [] -%}
    {%- set found = 'found are ' ~ source.columns | join(', ') ~ '.' -%}
    {%- for column in setting.columns -%}
        {%- if column not in contract -%}
            {%- do problems.append(place ~ column ~ ' is mapped, but the feed has no'
                ~ ' such column; it has ' ~ contract | join(', ') ~ '.') -%}
        {%- else -%}
            {%- for part in assay.mapped_columns(setting, column, source)
                if part not in source.columns -%}
                {%- do problems.append(place ~ 'column ' ~ part ~ ', mapped to '
                    ~ column ~ ', is not there; ' ~ found) -%}
            {%- endfor -%}
            {%- do problems.extend(assay._made_problems(column, place, setting,
                contract, source,
                found)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in ['values', 'units'] -%}
        {%- for column in setting[name] -%}
            {%- if column not in contract -%}
                {%- do problems.append(place ~ name ~ ' names ' ~ column
                    ~ ', but the feed'
                    ~ ' has no such column; it has ' ~ contract | join(', ') ~ '.') -%}
            {%- elif name == 'units' and contract[column] != 'timestamp' -%}
                {%- do problems.append(place ~ 'units names ' ~ column ~ ', which is no'
                    ~ ' time but a ' ~ contract[column] ~ '; leave it out.') -%}
            {%- elif column not in setting.columns and column not in source.names -%}
                {%- do problems.append(place ~ name ~ ' names ' ~ column
                    ~ ', which is not'
                    ~ ' there; map it under `columns`; ' ~ found) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column in setting.units if column in contract -%}
        {%- for part in assay.mapped_columns(setting, column, source)
            if modules.re.match('(?i)timestamp|date|time',
            source.columns.get(part, '')) -%}
            {%- do problems.append(place ~ 'units names ' ~ column ~ ', but ' ~ part
                ~ ' is a ' ~ source.columns[part] ~ ' already; leave it out.') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set key = graph.nodes['model.assay.stg_' ~ feed].config.meta.key -%}
    {%- for column in assay.as_list(key)
        if column not in ['source_system', 'annotator']
        and column not in setting.columns and column not in source.names -%}
        {%- do problems.append(place ~ 'the key column ' ~ column ~ ' is not there; map'
            ~ ' it under `columns`; ' ~ found) -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- What is wrong with an expression or a constant that a column is mapped to. -#}
{% macro _made_problems(column, place, setting, contract, source, found) %}
    {%- set given, type = setting.columns[column], contract[column] -%}
    {%- if given is not mapping -%}
        {%- do return([]) -%}
    {%- elif 'sql' in given -%}
        {#- Beside another column, so that no aggregate makes one row of all; and counted
            for a condition, or nothing would be evaluated. -#}
        {%- if not assay.can_run('select count(value) from (select (' ~ given.sql
            ~ '\n) as value, found.' ~ assay.quoted(source.columns | first) ~ ' from '
            ~ source.from_sql ~ ' as found) having count(value) = 0') -%}
            {%- do return([place ~ 'the expression of ' ~ column
                ~ ' cannot be evaluated in'
                ~ ' every row: ' ~ assay.shown(given.sql) ~ '; ' ~ found]) -%}
        {%- endif -%}
    {%- elif column not in setting['values'] and column not in setting.units
        and not run_query('select '
        ~ assay.cast_or_null(assay.value_literal(given.constant),
            'VARCHAR', type) ~ ' is not null').rows[0][0] -%}
        {%- do return([place ~ 'the constant ' ~ assay.shown(given.constant) ~ ' of '
            ~ column
            ~ ' is no ' ~ type ~ '.']) -%}
    {%- endif -%}
    {%- do return([]) -%}
{% endmacro %}


{#-
The type that a column has in the source, of values that stand there as they are; varchar
where an expression or a list of values makes them, and none where all are made alike, by a
constant, or by several columns that are joined.
-#}
{% macro _source_type(mapped, setting, column, source) %}
    {%- if mapped | length == 1 -%}
        {%- do return('varchar' if column in setting['values']
            else source.columns[mapped[0]] | lower) -%}
    {%- elif mapped or not (setting.columns[column] or {}).sql -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- do return('varchar') -%}
{% endmacro %}
