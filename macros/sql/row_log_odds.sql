{#- The log odds that a row is right, of so many errors in so many rows. -#}
{% macro row_log_odds(errors, rows) %}
    {%- set rate = 'least(0.45, greatest(0.0005, (coalesce(' ~ errors
        ~ ', 0) + 0.5) / (coalesce(' ~ rows ~ ', 0) + 5)))' -%}
    {%- do return('ln((1 - ' ~ rate ~ ') / ' ~ rate ~ ')') -%}
{% endmacro %}
