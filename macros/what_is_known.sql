{#-
What every rule of a model needs to know, read once per model: version (empty, or
`repaired_` where the repaired tables are looked at), placeholders (list),
not_supplied (feed -> contract columns that it lacks), tables (filled by watched_table()),
patterns and times (filled by argument_problem()).
-#}
{% macro what_is_known(version='') %}
    {%- set known = {'version': version, 'placeholders': [], 'not_supplied': {},
        'tables': {}, 'patterns': {}, 'times': {}} -%}
    {%- set placeholders = load_relation(ref('placeholders')) -%}
    {%- if placeholders is not none -%}
        {%- do known.placeholders.extend(run_query(
            'select placeholder from ' ~ placeholders ~ ' order by 1'
        ).columns[0].values()) -%}
    {%- endif -%}
    {%- for feed in feed_names() -%}
        {%- do known.not_supplied.update({feed: []}) -%}
    {%- endfor -%}
    {%- set supplied = load_relation(ref('stg_feeds')) -%}
    {%- if supplied is not none -%}
        {%- for row in run_query(
            'select feed, column_name from ' ~ supplied ~ ' where not is_supplied'
        ).rows -%}
            {%- do known.not_supplied[row[0]].append(row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(known) -%}
{% endmacro %}
