{#- A value of a list in YAML as the text that as_text() makes of it. -#}
{% macro value_literal(value) %}
    {%- if value is boolean -%}
        {%- do return(assay.literal(value | string | lower)) -%}
    {%- elif value is float and value == value | int -%}
        {%- do return(assay.literal(value | int)) -%}
    {%- endif -%}
    {%- do return(assay.literal(value)) -%}
{% endmacro %}
