{#- The words of a text as a list: letters or digits that stand together; of Han each. -#}
{% macro words_of(text) %}
    {%- do return("regexp_extract_all(lower(" ~ text
        ~ "), '\\p{Han}|\\p{N}+|[^\\P{L}\\p{Han}]+')") -%}
{% endmacro %}
