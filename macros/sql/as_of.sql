{#- The moment against which ages are measured, as a UTC timestamp literal. -#}
{% macro as_of() %}
    {%- set moment = assay.setting('as_of') -%}
    {%- if moment is none and assay.feed_setting('products').kind == 'sample' -%}
        {#- The end of the simulated time; AS_OF in python_ml/sample/schema.py. -#}
        {%- set moment = '2026-07-01 00:00:00' -%}
    {%- elif moment is none -%}
        {%- set moment = run_started_at.strftime('%Y-%m-%d %H:%M:%S') -%}
    {%- endif -%}
    {%- do return('cast(' ~ assay.literal(moment) ~ ' as timestamp)') -%}
{% endmacro %}
