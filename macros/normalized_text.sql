{#- A text without letter case and surplus white space, for comparing what it says. -#}
{% macro normalized_text(text) %}
    {%- do return("lower(regexp_replace(" ~ bare_text(text) ~ ", '" ~ white_space() ~ "+', ' ', 'g'))") -%}
{% endmacro %}
