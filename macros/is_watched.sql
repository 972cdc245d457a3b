{#- Whether the test being built stands on a watched table. -#}
{% macro is_watched() %}
    {%- set table = assay.tested_table(model) -%}
    {%- do return(table in assay.watched_tables()
        or (table.startswith('stg_') and table[4:] in assay.watched_tables())) -%}
{% endmacro %}
