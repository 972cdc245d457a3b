{#- The parts of a text between a separator (SQL), as a list. -#}
{% macro split_text(text, separator) %}
    {%- do return(adapter.dispatch('split_text', 'assay')(text, separator)) -%}
{% endmacro %}


{% macro default__split_text(text, separator) %}
    {%- do return('string_split(' ~ text ~ ', ' ~ separator ~ ')') -%}
{% endmacro %}
