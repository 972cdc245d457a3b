{#-
Whether a text such as `1.299` casts to a number, but not as its column means it: the
column writes decimal commas (`12,99`), by which it is 1299. A column writes them that has
one at least for four decimal points. `peers` are its texts as a relation with the column
`text`; without them they are the rows that are selected from.
-#}
{% macro is_misread_number(text, peers=none) %}
    {%- set style = 'count_if(' ~ assay.matches('{0}', "',[0-9]{1,2}[^0-9]*$'")
        ~ ') {1} > count_if(' ~ assay.matches('{0}', "'[.][0-9]{1,2}[^0-9]*$'")
        ~ ') {1} / 5.0' -%}
    {%- if peers is none -%}
        {%- set writes_commas = style.replace('{0}', text).replace('{1}', 'over ()') -%}
    {%- else -%}
        {#- To look for a sign is faster than for a pattern. -#}
        {%- set writes_commas = '(select ' ~ style.replace('{0}', 'peers.text').replace(
            '{1} ', '') ~ ' from ' ~ peers ~ " as peers where contains(peers.text, ',')"
            ~ " or contains(peers.text, '.'))" -%}
    {%- endif -%}
    {%- do return('(contains(' ~ text ~ ", '.') and "
        ~ assay.matches('trim(' ~ text ~ ')', "'^[+-]?[1-9][0-9]{0,2}[.][0-9]{3}$'")
        ~ ' and ' ~ writes_commas ~ ')') -%}
{% endmacro %}
