{#- The length of a span such as `7 days` in seconds; none where it is no span. -#}
{% macro seconds(span) %}
    {%- set unit_seconds = {
        'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800
    } -%}
    {%- set parts = (span | string).split() -%}
    {%- if parts | length != 2 -%}{%- do return(none) -%}{%- endif -%}
    {%- set unit = parts[1][:-1] if parts[1].endswith('s') else parts[1] -%}
    {%- set number = parts[0] | float(-1) -%}
    {#- A span beyond a thousand years is none that DuckDB could subtract. -#}
    {%- if unit not in unit_seconds or not 0 < number * unit_seconds[unit] < 3.2e10 -%}
        {%- do return(none) -%}
    {%- endif -%}
    {%- do return(number * unit_seconds[unit]) -%}
{% endmacro %}
