{#- The condition of a value that does not have the named form; none for no such form. -#}
{% macro form_sql(form, rule) %}
    {%- set types = {
        'number': 'double', 'integer': 'bigint', 'boolean': 'boolean', 'date': 'timestamp',
        'timestamp': 'timestamp'
    } -%}
    {%- if form in types -%}
        {%- if rule.type == types[form]
            or (rule.family == 'time' and types[form] == 'timestamp') -%}
            {#- A typed column is null where the value did not cast. -#}
            {%- do return('(' ~ rule.value ~ ' is null' ~ (' or not isfinite(' ~ rule.value
                ~ ')' if rule.type == 'double' else '') ~ ')') -%}
        {%- endif -%}
        {%- do return(cast_or_null(rule.text, 'varchar', types[form]) ~ ' is null') -%}
    {%- elif form in ['currency', 'measurement'] -%}
        {%- set bare = bare_text(rule.text) -%}
        {%- if form == 'measurement' -%}
            {%- set entry = "regexp_extract(" ~ bare
                ~ ", '^[0-9]+(?:[.,][0-9]+)?\\s*(\\S+)$', 1)" -%}
        {%- else -%}
            {%- set entry = bare -%}
        {%- endif -%}
        {%- do return(entry ~ ' not in (select term from ' ~ ref('vocabularies')
            ~ ' where vocabulary = ' ~ literal(form) ~ ')') -%}
    {%- elif form == 'json' -%}
        {%- do return('not json_valid(' ~ rule.text ~ ')') -%}
    {%- elif form == 'clean_text' -%}
        {%- do return('regexp_matches(' ~ rule.text ~ ', ' ~ literal(unclean_pattern())
            ~ ')') -%}
    {%- elif form == 'one_spelling' -%}
        {%- set peer = column_sql(rule.column, rule.table, 'peer') -%}
        {%- set condition = peer.is_present
            ~ (' and (' ~ rule.where ~ ')' if rule.where else '') -%}
        {#- Ties are no variants: nothing says which of two spellings is the rarer. -#}
        {%- do return(rule.text ~ ' in (select spelling from ('
            ~ 'select spelling, spelled, max(spelled) over ('
            ~ 'partition by lower(spelling)) as most from (select '
            ~ peer.text ~ ' as spelling, count(*) as spelled from watched as peer where '
            ~ condition ~ ' group by spelling)) where spelled < most)') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#-
What clean text does not hold, as a regular expression: control characters; the
replacement character; UTF-8 read as Latin-1 or Windows-1252 (a lead byte shown as one of
Â Ã â ä å æ ç è é ï ð, followed by continuation bytes); HTML tags and entities; doubled
spaces; white space at an end.
-#}
{% macro unclean_pattern() %}
    {%- set continued = '[\\x{a0}-\\x{bf}ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]' -%}
    {%- do return(
        '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\x{80}-\\x{9f}\\x{fffd}]'
        ~ '|[ÂÃ]' ~ continued ~ '|(?:[ÂÃÄÅÎÏÐÑØÙ]' ~ continued ~ '){2}'
        ~ '|(?:[ã-ï]' ~ continued ~ '{2}){2}|[äåæçèé][\\x{a1}-\\x{bf}€™œ]{2}'
        ~ '|â€|ï¿½|ï»¿|ðŸ'
        ~ '|</?[A-Za-z][^<>]*>'
        ~ '|&(?:[a-zA-Z]{2,8}|#[0-9]{1,6}|#x[0-9a-fA-F]{1,6});'
        ~ '|  |^' ~ white_space() ~ '|' ~ white_space() ~ '$'
    ) -%}
{% endmacro %}
