{#- A text without letter case and surplus white space, for comparing what it says. -#}
{% macro normalized_text(text) %}
    {%- do return('lower(' ~ assay.replaced(assay.bare_text(text),
        "'" ~ assay.white_space() ~ "+'", "' '") ~ ')') -%}
{% endmacro %}
