{#-
A value as `type`, or null where it is none. Stricter than try_cast: '1.5' and 1.5 are no
whole numbers, and nan and infinity are no numbers or times.
-#}
{% macro cast_or_null(value, source_type, type) %}
    {%- set source_type = source_type | upper -%}
    {%- set is_text = assay._type_family(source_type | lower) == 'text' -%}
    {%- if type == 'varchar' -%}
        {%- do return(assay.as_text(value, source_type)) -%}
    {%- endif -%}
    {%- set value = 'trim(' ~ value ~ ')' if is_text else value -%}
    {%- set cast_value = 'try_cast(' ~ value ~ ' as ' ~ type ~ ')' -%}
    {%- if type == 'timestamp' and is_text -%}
        {#- The offset of a text such as 2026-07-01T12:00:00+02:00 counts. -#}
        {%- set cast_value = 'cast(try_cast(' ~ value
            ~ ' as timestamptz) as timestamp)' -%}
    {%- endif -%}
    {%- if type == 'bigint' and source_type != 'BIGINT' -%}
        {%- do return('case when try_cast(' ~ value ~ ' as double) = ' ~ cast_value
            ~ ' then ' ~ cast_value ~ ' end') -%}
    {%- elif type == 'double' or (type == 'timestamp' and is_text) -%}
        {%- do return('case when ' ~ assay.is_finite(cast_value) ~ ' then ' ~ cast_value
            ~ ' end') -%}
    {%- elif type | upper == source_type -%}
        {%- do return(value) -%}
    {%- endif -%}
    {%- do return(cast_value) -%}
{% endmacro %}
