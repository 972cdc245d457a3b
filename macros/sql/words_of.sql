{#- The words of a text as a list: letters or digits that stand together; of Han each. -#}
{% macro words_of(text) %}
    {%- do return(assay.all_extracted('lower(' ~ text ~ ')',
        "'\\p{Han}|\\p{N}+|[^\\P{L}\\p{Han}]+'")) -%}
{% endmacro %}
