{#-
The condition by which rows are of some files. The number of a row is that of its file
times 10^10, and its place there: rows of a file lie together, and the engine passes over
all others.
-#}
{% macro of_files(numbers, column='record_number') %}
    {%- set ranges = [] -%}
    {%- for number in numbers | sort -%}
        {%- if ranges and ranges[-1].last + 1 == number -%}
            {%- do ranges[-1].update({'last': number}) -%}
        {%- else -%}
            {%- do ranges.append({'first': number, 'last': number}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set conditions = [] -%}
    {%- for range in ranges -%}
        {%- do conditions.append(column ~ ' between ' ~ range.first * 10000000000 ~ ' and '
            ~ (range.last * 10000000000 + 9999999999)) -%}
    {%- endfor -%}
    {%- do return('(' ~ (conditions | join(' or ') or 'false') ~ ')') -%}
{% endmacro %}
