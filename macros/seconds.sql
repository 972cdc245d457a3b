{#- The length of a span such as `7 days` in seconds; none where it is no span. -#}
{% macro seconds(span) %}
    {%- set unit_seconds = {
        'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800
    } -%}
    {%- set parts = (span | string).split() -%}
    {%- if parts | length != 2 -%}{%- do return(none) -%}{%- endif -%}
    {%- set unit = parts[1][:-1] if parts[1].endswith('s') else parts[1] -%}
    {%- if unit not in unit_seconds or parts[0] | float(-1) <= 0 -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- do return(parts[0] | float * unit_seconds[unit]) -%}
{% endmacro %}
