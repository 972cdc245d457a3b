{#-
Says at the end of a run which feeds could not be read. DuckDB's own error, which dbt
shows, does not always name the file.
-#}
{% macro unread_feeds(results) %}
    {%- for feed in assay.feed_names() if assay.feed_setting(feed).kind == 'file' -%}
        {%- for result in results if result.node.name == 'stg_' ~ feed
            and result.status == 'error' and 'Runtime Error' in result.message -%}
            {%- do log('Feed ' ~ feed ~ ', file ' ~ assay.feed_setting(feed).location
                ~ ': it cannot be read: ' ~ result.message.splitlines()[1].strip(),
                info=true) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}
