{#-
The rows of `watched as peer` whose expressions occur more than once, numbered among
their like in the order of all their columns: record_number, occurrence.
Rows are told apart by the hash first, which needs one pass over eight bytes a row; only
those whose hash repeats are then compared in full.
-#}
{% macro repeated_rows(table, expressions, condition=none) %}
    {%- set hashed = assay.row_hash(expressions) -%}
    select
        peer."row number" as record_number,
        row_number() over (
            partition by {{ expressions | join(', ') }}
            order by {{ (assay.row_order(table) + ['peer."row number"']) | join(', ') }}
        ) as occurrence
    from watched as peer
    where {% if condition %}{{ condition }} and {% endif %}{{ hashed }} in (
        select {{ hashed }} as row_hash
        from watched as peer
        {%- if condition %}
        where {{ condition }}
        {%- endif %}
        group by all
        having count(*) > 1
    )
{%- endmacro %}


{#-
The rows of `watched` that share their key with others; of a table without one, their
content, so that each row has a name of its own.
-#}
{% macro repeated_keys(table) %}
    {%- do return(assay.repeated_rows(table, assay.key_of_peers(table))) -%}
{% endmacro %}


{#- SQL of what rows of `watched as peer` share that have one key, as a list. -#}
{% macro key_of_peers(table) %}
    {%- set key = [] if table.key else assay.row_order(table) -%}
    {%- for column in table.key -%}
        {%- set found = assay.column_text(column, table, 'peer') -%}
        {#- As in record_key(), a missing part is an empty one. -#}
        {%- do key.append(found.value if found.exact == [found.value]
            and found.family != 'text' else 'coalesce(' ~ found.text ~ ", '')") -%}
    {%- endfor -%}
    {%- do return(key) -%}
{% endmacro %}


{#- All columns of a table, by which its rows have one order whatever their number. -#}
{% macro row_order(table, row='peer.') %}
    {%- set columns = [] -%}
    {%- for column in table.columns
        if column != 'record_number' or not assay.has_record_number(table) -%}
        {%- do columns.append(row ~ assay.quoted(column)) -%}
    {%- endfor -%}
    {%- do return(columns) -%}
{% endmacro %}
