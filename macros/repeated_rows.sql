{#-
The rows of `watched as peer` whose expressions occur more than once, numbered among
their like in the order of all their columns: record_number, occurrence.
Rows are told apart by the hash first, which needs one pass over eight bytes a row; only
those whose hash repeats are then compared in full.
-#}
{% macro repeated_rows(table, expressions, condition=none) %}
    {%- set hashed = 'hash(' ~ expressions | join(', ') ~ ')' -%}
    {%- set order_columns = [] -%}
    {%- for column in table.columns
        if column != 'record_number' or table.feed not in feed_names() -%}
        {%- do order_columns.append('peer.' ~ quoted(column)) -%}
    {%- endfor -%}
    select
        peer."row number" as record_number,
        row_number() over (
            partition by {{ expressions | join(', ') }}
            order by {{ (order_columns + ['peer."row number"']) | join(', ') }}
        ) as occurrence
    from watched as peer
    where {% if condition %}{{ condition }} and {% endif %}{{ hashed }} in (
        select {{ hashed }} as row_hash
        from watched as peer
        {%- if condition %}
        where {{ condition }}
        {%- endif %}
        group by row_hash
        having count(*) > 1
    )
{%- endmacro %}
