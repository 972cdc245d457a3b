{#-
Whether a text is missing: null, blank, or a placeholder of the seed `placeholders`, which
watched_table() has read; letter case and white space around it are nothing. One regular
expression that fails at the first character of most texts is faster than trimming and
lower-casing them, and to compare that character is faster than the expression.
-#}
{% macro is_missing(text, placeholders) %}
    {%- set escaped, others = [], [] -%}
    {%- for placeholder in placeholders -%}
        {%- do escaped.append(modules.re.escape(placeholder)) -%}
    {%- endfor -%}
    {%- for first, beyond in _first_of_others(placeholders) -%}
        {%- do others.append(text ~ ' >= ' ~ literal(first) ~ ' and ' ~ text ~ ' < '
            ~ literal(beyond)) -%}
    {%- endfor -%}
    {%- do return('(' ~ text ~ ' is null or (' ~ ('not (' ~ others | join(' or ')
        ~ ') and ' if others else '') ~ 'regexp_full_match(' ~ text ~ ', '
        ~ literal('(?i)' ~ white_space() ~ '*(?:' ~ escaped | join('|') ~ ')?'
            ~ white_space() ~ '*') ~ ')))') -%}
{% endmacro %}


{#-
The characters that begin no placeholder, of those that most texts begin with, as ranges:
(first, the one beyond the last).
-#}
{% macro _first_of_others(placeholders) %}
    {%- set first = placeholders | map('first') | join -%}
    {%- set begun = (first ~ first | upper) | lower -%}
    {%- set ranges, place = [], namespace(first=none) -%}
    {#- With a sign at its end no placeholder begins, so that the last range ends. -#}
    {%- for signs in ['0123456789:', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ[',
        'abcdefghijklmnopqrstuvwxyz{'] -%}
        {%- for sign in signs -%}
            {%- if sign | lower in begun or loop.last -%}
                {%- if place.first is not none -%}
                    {%- do ranges.append([place.first, sign]) -%}
                {%- endif -%}
                {%- set place.first = none -%}
            {%- elif place.first is none -%}
                {%- set place.first = sign -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(ranges) -%}
{% endmacro %}


{#- White space: all that Unicode calls so, and what shows as nothing. -#}
{% macro white_space() %}
    {%- do return('[\\s\\p{Z}\\x{b}\\x{85}\\x{200b}-\\x{200d}\\x{2060}\\x{feff}]') -%}
{% endmacro %}


{#- A text without white space at its ends. -#}
{% macro bare_text(text) %}
    {%- do return("regexp_replace(" ~ text ~ ", '^" ~ white_space() ~ "+|" ~ white_space()
        ~ "+$', '', 'g')") -%}
{% endmacro %}
