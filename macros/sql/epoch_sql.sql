{#- The time of an epoch, a number or a text of one, in a unit; null where it is none. -#}
{% macro epoch_sql(value, unit) %}
    {%- do return('try(make_timestamp(try_cast(round(try_cast(' ~ value
        ~ ' as double) * ' ~ assay.epoch_microseconds(unit) ~ ') as bigint)))') -%}
{% endmacro %}
