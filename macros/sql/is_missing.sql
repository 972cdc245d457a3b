{#-
Whether a text is missing: null, blank, or a placeholder of the seed `placeholders`, which
watched_table() has read; letter case and white space around it are nothing. One regular
expression that fails at the first character of most texts is faster than trimming and
lower-casing them, and to see that a text begins with a digit is faster still.
-#}
{% macro is_missing(text, placeholders) %}
    {%- set escaped, with_digits = [], [] -%}
    {%- for placeholder in placeholders -%}
        {%- do escaped.append(modules.re.escape(placeholder)) -%}
        {%- if placeholder[:1] in '0123456789' -%}
            {%- do with_digits.append(placeholder) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return('(' ~ text ~ ' is null or (' ~ ('' if with_digits
        else 'not (' ~ text ~ " >= '0' and " ~ text ~ " < ':') and ")
        ~ assay.fully_matches(text, assay.literal('(?i)' ~ assay.white_space() ~ '*(?:'
            ~ escaped | join('|') ~ ')?' ~ assay.white_space() ~ '*')) ~ '))') -%}
{% endmacro %}


{#- White space: all that Unicode calls so, and what shows as nothing. -#}
{% macro white_space() %}
    {%- do return('[\\s\\p{Z}\\x{b}\\x{85}\\x{200b}-\\x{200d}\\x{2060}\\x{feff}]') -%}
{% endmacro %}


{#- A text without white space at its ends. -#}
{% macro bare_text(text) %}
    {%- do return(assay.replaced(text, "'^" ~ assay.white_space() ~ "+|"
        ~ assay.white_space() ~ "+$'", "''")) -%}
{% endmacro %}
