{#-
Why no value that a column can hold fails a form, in one sentence; none where one can.
`rule` is a rule as rules() describes it, of which nothing but the form is asked.
-#}
{% macro cannot_fail(form, rule) %}
    {%- set type = rule.table.known.source_types.get(rule.table.feed, {}).get(
        rule.column, rule.type) or 'varchar' -%}
    {%- set is_whole = type.lstrip('u') in [
        'bigint', 'integer', 'smallint', 'tinyint', 'hugeint'] -%}
    {%- if rule.column in rule.table.expressions -%}
        {%- do return(none) -%}
    {%- elif (form in ['timestamp', 'date'] and assay._type_family(type) == 'time')
        or (form == 'integer' and is_whole)
        or (form == 'number' and (is_whole or type.startswith('decimal')))
        or (form == 'boolean' and type == 'boolean')
        or (form == 'json' and assay.is_nested(type) and not modules.re.search(
            'json|double|float|real', type)) -%}
        {#- A number that is none may be in a list, and DuckDB's JSON ends in a comma. -#}
        {%- do return('every value of the type ' ~ type.split('(')[0] ~ ' is '
            ~ form) -%}
    {%- elif form == 'one_spelling' and rule.family != 'text' -%}
        {%- do return('a value of the type ' ~ rule.type ~ ' has no letter case') -%}
    {%- elif form == 'one_spelling' and load_relation(rule.table.relation) is not none
        and not run_query('select 1 from ' ~ rule.table.relation
        ~ ' as watched where lower('
            ~ rule.text ~ ') <> upper(' ~ rule.text ~ ') limit 1').rows
        and run_query('select 1 from ' ~ rule.table.relation ~ ' limit 1').rows -%}
        {%- do return('no value has letter case') -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}
