{#- Whether a table is there: a feed that the vars name, or any table that is no feed. -#}
{% macro is_supplied(feed) %}
    {%- do return(feed not in assay.feed_names()
        or assay.feed_setting(feed).kind != 'none') -%}
{% endmacro %}
