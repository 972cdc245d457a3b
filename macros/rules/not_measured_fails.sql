{#-
Whether what is not measured of a table fails its tests, as the var `not_measured` has it:
`pass`, `fail_supplied` (what is supplied must be measured) or `fail`.
-#}
{% macro not_measured_fails(feed) %}
    {%- set setting = assay.setting('not_measured') -%}
    {%- do return(setting == 'fail'
        or (setting == 'fail_supplied' and assay.is_supplied(feed))) -%}
{% endmacro %}
