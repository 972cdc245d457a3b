{#-
Whether a feed is read file by file: it names many (`events/*.parquet`), and none of its
values depends on the rows of other files. Known when the project is parsed.
-#}
{% macro is_read_by_file(feed) %}
    {%- set setting = assay.feed_setting(feed) -%}
    {%- do return(setting.kind == 'file' and assay.setting('incremental') is sameas true
        and modules.re.search('[*?[]', setting.location) is not none
        and not setting.filled_down_by) -%}
{% endmacro %}
