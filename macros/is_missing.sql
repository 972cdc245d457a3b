{#- Whether a text is missing: null, blank, or a placeholder of the seed. -#}
{% macro is_missing(text) %}
    {%- set bare = bare_text(text) -%}
    {%- do return('(' ~ text ~ ' is null or ' ~ bare ~ " = '' or lower(" ~ bare ~ ') in '
        ~ '(select placeholder from ' ~ ref('placeholders') ~ '))') -%}
{% endmacro %}


{#- A text without white space at its ends: also no-break, zero-width and CJK spaces. -#}
{% macro bare_text(text) %}
    {%- do return("trim(" ~ text ~ ", ' ' || chr(9) || chr(10) || chr(11) || chr(12)"
        ~ " || chr(13) || chr(160) || chr(8203) || chr(12288) || chr(65279))") -%}
{% endmacro %}
