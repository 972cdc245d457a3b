{#- The seconds from one time to another. -#}
{% macro seconds_between(earlier, later) %}
    {%- do return(adapter.dispatch('seconds_between', 'assay')(earlier, later)) -%}
{% endmacro %}


{% macro default__seconds_between(earlier, later) %}
    {%- do return('epoch(' ~ later ~ ' - ' ~ earlier ~ ')') -%}
{% endmacro %}
