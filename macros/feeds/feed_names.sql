{#-
The feeds that are watched: those of the public contract, in the order in which they are
shown, or none where only tables of one's own are (`feeds: {}`).
-#}
{% macro feed_names() %}
    {%- do return([] if assay.setting('feeds') == {} else assay.feeds_of_contract()) -%}
{% endmacro %}


{% macro feeds_of_contract() %}
    {%- do return([
        'products', 'users', 'events', 'queries', 'relevance_labels', 'reviews',
        'recommendations'
    ]) -%}
{% endmacro %}


{#- Makes a model of Assay that is about a feed only where there are feeds. -#}
{% macro only_with_feeds(feed) %}
    {%- if model.package_name == 'assay' and feed in assay.feeds_of_contract() -%}
        {%- do config(enabled=assay.feed_names() != []) -%}
    {%- endif -%}
{% endmacro %}
