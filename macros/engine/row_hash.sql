{#-
A number of some values, so that rows are told apart in one pass; two rows may share it.
-#}
{% macro row_hash(expressions) %}
    {%- do return(adapter.dispatch('row_hash', 'assay')(expressions)) -%}
{% endmacro %}


{% macro default__row_hash(expressions) %}
    {%- do return('hash(' ~ expressions | join(', ') ~ ')') -%}
{% endmacro %}
