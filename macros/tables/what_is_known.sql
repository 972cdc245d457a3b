{#-
What every rule of a model needs to know: version (empty, or `repaired_` where the
repaired tables are looked at), placeholders (list), vocabularies (name -> terms),
not_supplied (feed -> contract columns that it lacks), source_types (feed -> column ->
type in its source, none where several columns make it), tables (filled by
watched_table()), patterns and times (filled by argument_problem()). What the seeds and
the feeds say is read once a run, when the SQL of the first model that asks is written:
all of them come after the seeds and stg_feeds, by int_feeds_ready or by the staging
models that they read.
-#}
{% macro what_is_known(version='') %}
    {%- set kept = assay.kept_for_run('what_is_known') -%}
    {%- if not kept -%}
        {%- do kept.update(assay._what_is_known()) -%}
    {%- endif -%}
    {%- do return(dict(kept, version=version, tables={})) -%}
{% endmacro %}


{% macro _what_is_known() %}
    {%- set found = {'placeholders': [], 'vocabularies': {}, 'not_supplied': {},
        'source_types': {}, 'patterns': {}, 'times': {}} -%}
    {#- By what the gate waits for: a seed of the project may stand in for one of these. -#}
    {%- set read = {} -%}
    {%- for unique_id in graph.nodes['model.assay.int_feeds_ready'].depends_on.nodes -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- do read.update({node.name: load_relation(assay.relation_of(node))}) -%}
    {%- endfor -%}
    {%- if read.placeholders is not none -%}
        {%- do found.placeholders.extend(run_query(
            'select placeholder from ' ~ read.placeholders
            ~ ' where placeholder is not null order by 1'
        ).columns[0].values()) -%}
    {%- endif -%}
    {%- if read.vocabularies is not none -%}
        {%- for row in run_query('select vocabulary, term from ' ~ read.vocabularies
            ~ ' where term is not null order by all').rows -%}
            {%- do found.vocabularies.setdefault(row[0], []).append(row[1]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for feed in assay.feed_names() -%}
        {%- do found.not_supplied.update({feed: []}) -%}
        {%- do found.source_types.update({feed: {}}) -%}
    {%- endfor -%}
    {%- if read.stg_feeds is not none -%}
        {%- for row in run_query(
            'select feed, column_name, is_supplied, source_type from ' ~ read.stg_feeds
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
