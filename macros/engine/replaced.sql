{#- A text with all that a pattern (SQL) finds replaced by another text (SQL). -#}
{% macro replaced(text, pattern, by) %}
    {%- do return(adapter.dispatch('replaced', 'assay')(text, pattern, by)) -%}
{% endmacro %}


{% macro default__replaced(text, pattern, by) %}
    {%- do return('regexp_replace(' ~ text ~ ', ' ~ pattern ~ ', ' ~ by ~ ", 'g')") -%}
{% endmacro %}
