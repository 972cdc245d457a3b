{#- The logarithm of the odds of a probability, kept within what adds up to something. -#}
{% macro log_odds(probability) %}
    {%- set bounded = 'least(1 - 1e-9, greatest(1e-9, ' ~ probability ~ '))' -%}
    {%- do return('ln(' ~ bounded ~ ' / (1 - ' ~ bounded ~ '))') -%}
{% endmacro %}
