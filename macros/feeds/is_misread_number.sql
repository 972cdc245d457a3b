{#-
Whether a text such as `1.299` casts to a number, but not as its column means it: the
column writes decimal commas (`12,99`), by which it is 1299. A column writes them that has
one at least for four decimal points. `peers` are its texts as a relation with the column
`text`; without them they are the rows that are selected from, or SQL says whether the column
`writes_commas`.
-#}
{% macro is_misread_number(text, peers=none, writes_commas=none) %}
    {%- set commas, points = assay.signs_of_numbers('{0}') -%}
    {%- set style = commas ~ ' {1} > ' ~ points ~ ' {1} / 5.0' -%}
    {%- if peers is none and writes_commas is none -%}
        {%- set writes_commas = style.replace('{0}', text).replace('{1}', 'over ()') -%}
    {%- elif writes_commas is none -%}
        {#- To look for a sign is faster than for a pattern. -#}
        {%- set writes_commas = '(select ' ~ style.replace('{0}', 'peers.text').replace(
            '{1} ', '') ~ ' from ' ~ peers ~ " as peers where contains(peers.text, ',')"
            ~ " or contains(peers.text, '.'))" -%}
    {%- endif -%}
    {%- do return('(contains(' ~ text ~ ", '.') and "
        ~ assay.matches('trim(' ~ text ~ ')', "'^[+-]?[1-9][0-9]{0,2}[.][0-9]{3}$'")
        ~ ' and ' ~ writes_commas ~ ')') -%}
{% endmacro %}


{#- How many texts end in a decimal comma, and how many in a point: two aggregates. -#}
{% macro signs_of_numbers(text) %}
    {%- do return(['count_if(' ~ assay.matches(text, "',[0-9]{1,2}[^0-9]*$'") ~ ')',
        'count_if(' ~ assay.matches(text, "'[.][0-9]{1,2}[^0-9]*$'") ~ ')']) -%}
{% endmacro %}
