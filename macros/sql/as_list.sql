{#- One value or several, as a list; none is no value. -#}
{% macro as_list(value) %}
    {%- if value is none -%}
        {%- do return([]) -%}
    {%- endif -%}
    {%- do return([value] if value is string or value is mapping
        or value is not iterable
        else value | list) -%}
{% endmacro %}
