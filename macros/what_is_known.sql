{#-
What every rule of a model needs to know: version (empty, or `repaired_` where the repaired
tables are looked at), placeholders (list), not_supplied (feed -> contract columns that it
lacks), source_types (feed -> column -> type in its source, none where several columns
make it), tables (filled by watched_table()), patterns and times (filled by
argument_problem()). What the seeds and the feeds say is read once a run: every model that
asks waits for them.
-#}
{% macro what_is_known(version='') %}
    {%- set kept = assay.kept_for_run('what_is_known') -%}
    {%- set placeholders, supplied = load_relation(ref('placeholders')),
        load_relation(ref('assay', 'stg_feeds')) -%}
    {%- if not kept -%}
        {%- do kept.update(assay._what_is_known(placeholders, supplied)) -%}
    {%- endif -%}
    {%- do return(dict(kept, version=version, tables={})) -%}
{% endmacro %}


{% macro _what_is_known(placeholders, supplied) %}
    {%- set found = {'placeholders': [], 'not_supplied': {}, 'source_types': {},
        'patterns': {}, 'times': {}}
    -%}
    {%- if placeholders is not none -%}
        {%- do found.placeholders.extend(run_query(
            'select placeholder from ' ~ placeholders ~ ' order by 1'
        ).columns[0].values()) -%}
    {%- endif -%}
    {%- for feed in assay.feed_names() -%}
        {%- do found.not_supplied.update({feed: []}) -%}
        {%- do found.source_types.update({feed: {}}) -%}
    {%- endfor -%}
    {%- if supplied is not none -%}
        {%- for row in run_query(
            'select feed, column_name, is_supplied, source_type from ' ~ supplied
        ).rows -%}
            {%- if row[2] -%}
                {%- do found.source_types[row[0]].update({row[1]: row[3]}) -%}
            {%- else -%}
                {%- do found.not_supplied[row[0]].append(row[1]) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(found) -%}
{% endmacro %}
