{#- How many microseconds one of a unit of epochs has; none where it is no unit. -#}
{% macro epoch_microseconds(unit) %}
    {%- set unit = (unit | string | lower).replace('\u00b5', 'u').replace('\u03bc',
        'u') -%}
    {%- set units = {
        's': '1000000', 'sec': '1000000', 'second': '1000000',
        'ms': '1000', 'millisecond': '1000',
        'us': '1', 'microsecond': '1',
        'ns': '0.001', 'nanosecond': '0.001'
    } -%}
    {%- do return(units.get(unit) or units.get(unit.removesuffix('s'))) -%}
{% endmacro %}
