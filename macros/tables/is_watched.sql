{#-
Whether the test being built stands on a watched table: on the staging model of a feed, which
is one of this package, or on a table that the var `watched` names. A user may have a
`stg_products` of her own.
-#}
{% macro is_watched() %}
    {%- set table = assay.tested_table(model) -%}
    {%- do return(table in assay.as_list(assay.setting('watched'))
        or (model.package_name == 'assay' and table.startswith('stg_')
            and table[4:] in assay.feed_names())) -%}
{% endmacro %}
