{#-
A value as text. A number loses the zeros after its point, so that 1, 1.0 and 1.00 are one
key whatever type a table keeps it in. What holds values within is written as JSON.
-#}
{% macro as_text(value, type) %}
    {%- do return(adapter.dispatch('as_text', 'assay')(value, type)) -%}
{% endmacro %}


{% macro default__as_text(value, type) %}
    {%- set type = type | lower -%}
    {%- set text = 'cast(' ~ value ~ ' as varchar)' -%}
    {%- if assay._type_family(type) == 'text' -%}
        {%- do return(value) -%}
    {%- elif assay.is_nested(type) -%}
        {%- do return('cast(to_json(' ~ value ~ ') as varchar)') -%}
    {%- elif type in ['double', 'float', 'real']
        or (type.startswith('decimal') and type.endswith(')')) -%}
        {%- do return('regexp_replace(' ~ text
            ~ ", '\\.0+$|(\\.[0-9]*[1-9])0+$', '\\1')") -%}
    {%- endif -%}
    {%- do return(text) -%}
{% endmacro %}
