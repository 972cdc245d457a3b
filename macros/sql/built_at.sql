{#- The start of the run, as a UTC timestamp literal. -#}
{% macro built_at() %}
    {%- do return("cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S')
        ~ "' as timestamp)") -%}
{% endmacro %}
