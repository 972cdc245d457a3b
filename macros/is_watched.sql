{#- Whether the test being built stands on a watched table. -#}
{% macro is_watched() %}
    {%- set table = tested_table(model) -%}
    {%- do return(table in watched_tables()
        or (table.startswith('stg_') and table[4:] in watched_tables())) -%}
{% endmacro %}
