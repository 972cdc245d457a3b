{#-
Mean and spread (the standard deviation) of each number column of each watched table, by
day, both on the scale of the inverse hyperbolic sine, which is linear near 0 and a
logarithm further out: one price of a million is no news of the other thousand. Keys and
other ids are numbers of nothing.
-#}
{% macro column_statistics() %}
    {{- assay.of_watched_tables(assay._column_statistics, {
        'feed': 'varchar', 'column_name': 'varchar', 'day': 'date',
        'value_count': 'bigint', 'mean': 'double', 'spread': 'double'}) }}
{% endmacro %}


{% macro _column_statistics(table) %}
    {%- set columns = {} -%}
    {%- for column in table.columns if assay.is_log(table) -%}
        {%- set found = assay.column_text(column, table) -%}
        {%- if found.family == 'number' and column not in table.key
            and column not in table.not_supplied and column != 'record_number'
            and not modules.re.search('(^|_)(id|key|code)$', column | lower) -%}
            {%- do columns.update({column: 'case when ' ~ assay.is_finite(found.value)
                ~ ' then ' ~ found.value ~ ' end' if assay.is_float(found.type)
                else found.value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not columns -%}
        {%- do return('') -%}
    {%- endif -%}
    counted as (
        select
            {{ assay.slices(table).day }} as day,
            {%- for column, value in columns.items() %}
            count({{ value }}) as count_{{ loop.index0 }},
            sinh(avg(asinh(cast({{ value }} as double)))) as mean_{{ loop.index0 }},
            stddev_samp(asinh(cast({{ value }} as double))) as spread_{{ loop.index0 }}{{ ',' if not loop.last }}
            {%- endfor %}
        from watched
        where {{ assay.slices(table).day }} is not null
        group by all
    )

    select
        unnest([{% for column in columns %}{{ assay.literal(column) }}{{ ', '
            if not loop.last }}{% endfor %}]) as column_name,
        day,
        {%- for part in ['count', 'mean', 'spread'] %}
        unnest([{% for column in columns %}{{ part }}_{{ loop.index0 }}{{ ', '
            if not loop.last }}{% endfor %}]) as {{ 'value_count' if part == 'count'
            else part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counted
{% endmacro %}
