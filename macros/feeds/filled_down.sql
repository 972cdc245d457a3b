{#-
The rows of a feed whose facts stand on the first row of a group only, such as those of a
product on that of its first variant, filled down in the order in which they were found.
Filled are the columns that are hardly ever given below the first row: less than a tenth
as often as on it. A price of each variant is no such column, nor is a key of the feed,
nor what is given for the group.
Returns what feed_source() changes of a source.
-#}
{% macro filled_down(feed, setting, source) %}
    {%- set groups = [] -%}
    {%- for name in setting.filled_down_by -%}
        {%- if name | lower not in source.names -%}
            {%- do return({'problem': 'filled_down_by ' ~ name
                ~ ' is not there; found are '
                ~ source.columns | join(', ')}) -%}
        {%- endif -%}
        {%- do groups.append(source.names[name | lower]) -%}
    {%- endfor -%}
    {%- if setting.kind == 'table' and not source.has_rowid and not flags.EMPTY -%}
        {%- do return(
            {'problem': 'filled_down_by needs rows that have an order, and a view'
            ~ ' has none; name a table or a file'}) -%}
    {%- endif -%}
    {%- set keys = [] -%}
    {%- for column in assay.as_list(graph.nodes['model.assay.stg_'
        ~ feed].config.meta.key) -%}
        {%- do keys.extend(assay.mapped_columns(setting, column, source)) -%}
    {%- endfor -%}
    {%- set group, is_grouped = [], [] -%}
    {%- for name in groups -%}
        {%- do group.append(assay.quoted(name)) -%}
        {%- do is_grouped.append(assay.quoted(name) ~ ' is not null') -%}
    {%- endfor -%}
    {%- set is_grouped = is_grouped | join(' and ') -%}
    {%- set group = 'partition by ' ~ group | join(', ')
        ~ ' order by "place in source"' -%}
    {%- set placed = '(select *, ' ~ ('rowid' if source.has_rowid
        else 'row_number() over ()') ~ ' as "place in source" from ' ~ source.from_sql
        ~ ')' -%}
    {%- set names, are_facts = [], ['true'] -%}
    {%- for name in source.columns if name not in keys + groups -%}
        {%- set given = 'cast(trim(cast(' ~ assay.quoted(name)
            ~ " as varchar)) != '' as integer)"
        -%}
        {%- do names.append(name) -%}
        {%- do are_facts.append('avg(coalesce(' ~ given
            ~ ', 0)) filter ("place in group"'
            ~ ' = 1) > 10 * avg(coalesce(' ~ given
            ~ ', 0)) filter ("place in group" > 1)')
        -%}
    {%- endfor -%}
    {%- set are_facts = run_query('select ' ~ are_facts | join(', ')
        ~ ' from (select *, row_number() over (' ~ group ~ ') as "place in group" from '
        ~ placed ~ ' where ' ~ is_grouped ~ ')').rows[0] -%}
    {%- set filled = [] -%}
    {%- for name in names -%}
        {%- set value = assay.quoted(name) if source.columns[name] != 'VARCHAR'
            else 'if(trim(' ~ assay.quoted(name) ~ ") = '', null, " ~ assay.quoted(name)
            ~ ')' -%}
        {%- if are_facts[loop.index] -%}
            {%- do filled.append('if(' ~ is_grouped ~ ', last_value(' ~ value
                ~ ' ignore nulls) over (' ~ group ~ '), ' ~ assay.quoted(name) ~ ') as '
                ~ assay.quoted(name)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return({} if not filled
        else {'from_sql': '(\n    select * exclude ("place in'
        ~ ' source") replace (\n        ' ~ filled | join(',\n        ') ~ '\n    )'
        ~ (', "place in source" as rowid' if source.has_rowid else '')
        ~ '\n    from ' ~ placed ~ '\n)'}) -%}
{% endmacro %}
