{#-
How many rows of each watched table each day has, and each source system and category on
it.
-#}
{% macro rows_by_day() %}
    {{- assay.of_watched_tables(assay._rows_by_day, {
        'feed': 'varchar', 'slice_type': 'varchar', 'slice_value': 'varchar',
        'day': 'date', 'row_count': 'bigint'}) }}
{% endmacro %}


{% macro _rows_by_day(table) %}
    {%- set slices = assay.slices(table) -%}
    {%- if not assay.is_log(table) -%}
        {%- do return('') -%}
    {%- endif -%}
    tallied as (
        select
            {%- for slice in ['source_system', 'category'] %}
            coalesce({{ slices.get(slice, assay.literal(none)) }}, '(missing)') as {{ slice }},
            {%- endfor %}
            {{ slices.day }} as day,
            count(*) as row_count
        from watched
        where {{ slices.day }} is not null
        group by all
    )

    {%- for slice in ['all', 'source_system', 'category']
        if slice == 'all' or slice in slices %}
    {%- if not loop.first %}

    union all
    {%- endif %}

    select
        '{{ slice }}' as slice_type,
        {{ "'all'" if slice == 'all' else slice }} as slice_value,
        day,
        cast(sum(row_count) as bigint) as row_count
    from tallied
    group by all
    {%- endfor %}
{% endmacro %}


{#-
Whether the rows of a table stay on the day that they have: what happened did so once. The
day on which a row was last changed moves, and the rows of each day say nothing.
-#}
{% macro is_log(table) %}
    {%- do return(table.is_supplied and 'day' in assay.slices(table)
        and not modules.re.search('updat|modif|chang', table.day_column | lower)) -%}
{% endmacro %}
