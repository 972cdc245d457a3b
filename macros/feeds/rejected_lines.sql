{#-
What is wrong with lines of a feed's CSV files, as sentences about the first ten.
read_csv() sets the lines aside that it cannot read; see csv_source().
-#}
{% macro rejected_lines(feed) %}
    {%- set sentences = [] -%}
    {%- set rejects = 'rejects_' ~ feed -%}
    {%- set is_there -%}
        select 1 from duckdb_tables() where temporary and table_name = '{{ rejects }}'
    {%- endset -%}
    {%- if run_query(is_there).rows | length == 0 -%}
        {%- do return(sentences) -%}
    {%- endif -%}
    {%- set query -%}
        select
            scan.file_path,
            rejected.line,
            arg_min(
                case rejected.error_type
                    when 'INVALID ENCODING'
                        then 'column ' || rejected.column_name || ' is not UTF-8'
                    when 'UNQUOTED VALUE'
                        then 'a quote in column ' || rejected.column_name
                            || ' is not closed, or text follows it'
                    when 'LINE SIZE OVER MAXIMUM' then 'it is longer than 16 MB'
                    else lower(regexp_replace(
                        rejected.error_message,
                        'Expected Number of Columns: ([0-9]+) Found: ([0-9]+)',
                        'expected \1 columns, found \2'
                    ))
                end,
                if(
                    rejected.error_type = 'TOO MANY COLUMNS',
                    -cast(rejected.column_idx as bigint),
                    coalesce(rejected.column_idx, 0)
                )
            ) as problem
        from {{ rejects }} as rejected
        inner join {{ rejects }}_scan as scan using (scan_id, file_id)
        group by scan.file_path, rejected.line
        order by scan.file_path, rejected.line
        limit 10
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
        {%- do sentences.append('Feed ' ~ feed ~ ', file ' ~ row[0] ~ ', line ' ~ row[1]
            ~ ': ' ~ row[2].rstrip('.') ~ '.') -%}
    {%- endfor -%}
    {%- do return(sentences) -%}
{% endmacro %}


{#- Run when a staging model has read its files; the last good table stays. -#}
{% macro stop_at_rejected_lines(feed) %}
    {%- set sentences = assay.rejected_lines(feed) if execute else [] -%}
    {%- if sentences -%}
        {%- do exceptions.raise_compiler_error(sentences | join('\n  ')) -%}
    {%- endif -%}
{% endmacro %}
