{#- Whether a text contains what a pattern (SQL) describes. -#}
{% macro matches(text, pattern) %}
    {%- do return(adapter.dispatch('matches', 'assay')(text, pattern)) -%}
{% endmacro %}


{% macro default__matches(text, pattern) %}
    {%- do return('regexp_matches(' ~ text ~ ', ' ~ pattern ~ ')') -%}
{% endmacro %}
