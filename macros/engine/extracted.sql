{#-
The first group of what a pattern (SQL) finds in a text; empty where it finds nothing.
-#}
{% macro extracted(text, pattern) %}
    {%- do return(adapter.dispatch('extracted', 'assay')(text, pattern)) -%}
{% endmacro %}


{% macro default__extracted(text, pattern) %}
    {%- do return('regexp_extract(' ~ text ~ ', ' ~ pattern ~ ', 1)') -%}
{% endmacro %}
