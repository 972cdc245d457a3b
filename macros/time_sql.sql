{#- A column as a time, read from text where it is one; none where it holds no times. -#}
{% macro time_sql(found) %}
    {%- if found.family == 'text' -%}
        {%- do return(cast_or_null(found.value, 'varchar', 'timestamp')) -%}
    {%- elif found.family == 'time' -%}
        {%- do return(found.value) -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}
