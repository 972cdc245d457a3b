{#- All that a pattern (SQL) finds in a text, as a list. -#}
{% macro all_extracted(text, pattern) %}
    {%- do return(adapter.dispatch('all_extracted', 'assay')(text, pattern)) -%}
{% endmacro %}


{% macro default__all_extracted(text, pattern) %}
    {%- do return('regexp_extract_all(' ~ text ~ ', ' ~ pattern ~ ')') -%}
{% endmacro %}
