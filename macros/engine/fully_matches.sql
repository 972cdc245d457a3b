{#- Whether a pattern (SQL) describes a text from end to end. -#}
{% macro fully_matches(text, pattern) %}
    {%- do return(adapter.dispatch('fully_matches', 'assay')(text, pattern)) -%}
{% endmacro %}


{% macro default__fully_matches(text, pattern) %}
    {%- do return('regexp_full_match(' ~ text ~ ', ' ~ pattern ~ ')') -%}
{% endmacro %}
