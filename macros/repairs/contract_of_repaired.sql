{#-
Holds a repaired table of Assay to the columns that its YAML names, on the sample. What a
feed holds besides them stays in its repaired table, which dbt's contracts do not allow.
-#}
{% macro contract_of_repaired() %}
    {%- if model.package_name == 'assay' and assay.setting('feeds') == 'sample'
        and model.name.removeprefix('repaired_') in assay.feeds_of_contract()
            + ['integrated_products'] -%}
        {%- do config(contract={'enforced': true}) -%}
    {%- endif -%}
{% endmacro %}
