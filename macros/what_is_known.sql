{#-
What every rule of a model needs to know, read once per model: version (empty, or
`repaired_` where the repaired tables are looked at), placeholders (list),
not_supplied (feed -> contract columns that it lacks), source_types (feed -> column ->
type in its source, none where several columns make it), tables (filled by
watched_table()), patterns and times (filled by argument_problem()).
-#}
{% macro what_is_known(version='') %}
    {%- set known = {'version': version, 'placeholders': [], 'not_supplied': {},
        'source_types': {}, 'tables': {}, 'patterns': {}, 'times': {}} -%}
    {%- set placeholders = load_relation(ref('placeholders')) -%}
    {%- if placeholders is not none -%}
        {%- do known.placeholders.extend(run_query(
            'select placeholder from ' ~ placeholders ~ ' order by 1'
        ).columns[0].values()) -%}
    {%- endif -%}
    {%- for feed in feed_names() -%}
        {%- do known.not_supplied.update({feed: []}) -%}
        {%- do known.source_types.update({feed: {}}) -%}
    {%- endfor -%}
    {%- set supplied = load_relation(ref('stg_feeds')) -%}
    {%- if supplied is not none -%}
        {%- for row in run_query(
            'select feed, column_name, is_supplied, source_type from ' ~ supplied
        ).rows -%}
            {%- if row[2] -%}
                {%- do known.source_types[row[0]].update({row[1]: row[3]}) -%}
            {%- else -%}
                {%- do known.not_supplied[row[0]].append(row[1]) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(known) -%}
{% endmacro %}
