{#-
A column as a time, read from text where it is one; none where it holds no times. What is
infinite is no time.
-#}
{% macro time_sql(found) %}
    {%- if found.family == 'text' -%}
        {%- do return(assay.cast_or_null(found.value, 'varchar', 'timestamp')) -%}
    {%- elif found.family == 'time' -%}
        {%- do return('case when ' ~ assay.is_finite(found.value) ~ ' then ' ~ found.value
            ~ ' end') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}
