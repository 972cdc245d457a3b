{#-
Whether a text is missing: null, blank, or a placeholder of the seed `placeholders`, which
watched_table() has read.
Trimming and lower-casing every text would be most of the cost of a build. A text that
begins and ends with a visible ASCII character needs no trimming, and one that is longer
than every placeholder is none.
-#}
{% macro is_missing(text, placeholders) %}
    {%- set terms, lengths = ["''"], [0] -%}
    {%- for placeholder in placeholders -%}
        {%- do terms.append(literal(placeholder)) -%}
        {%- do lengths.append(placeholder.encode('utf-8') | length) -%}
    {%- endfor -%}
    {%- set terms = '(' ~ terms | join(', ') ~ ')' -%}
    {%- do return(
        '(\n            ' ~ text ~ ' is null\n            or case\n                when '
        ~ text ~ "[1] between '!' and '~' and " ~ text ~ "[-1] between '!' and '~'"
        ~ '\n                    then strlen(' ~ text ~ ') <= ' ~ lengths | max
        ~ '\n                    and lower(' ~ text ~ ') in ' ~ terms
        ~ '\n                else lower(' ~ bare_text(text) ~ ')'
        ~ '\n                    in ' ~ terms ~ '\n            end\n        )'
    ) -%}
{% endmacro %}


{#- A text without white space at its ends: also no-break, zero-width and CJK spaces. -#}
{% macro bare_text(text) %}
    {%- do return("trim(" ~ text ~ ", ' ' || chr(9) || chr(10) || chr(11) || chr(12)"
        ~ " || chr(13) || chr(160) || chr(8203) || chr(12288) || chr(65279))") -%}
{% endmacro %}
