{#- The feeds of the public contract, in the order in which they are shown. -#}
{% macro feed_names() %}
    {%- do return([
        'products', 'users', 'events', 'queries', 'relevance_labels', 'reviews',
        'recommendations'
    ]) -%}
{% endmacro %}
