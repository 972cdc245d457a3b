{#-
dbt's own tests. On a watched table they are rules too: they read their verdict like every
rule, so that a failing one does not keep the index from being built. Elsewhere they are
what dbt makes them. Their weight and max_rate stand under `config.meta`. dbt reads the
project by the tests of this package, and runs, in the project of a user, what `dispatch`
finds in it.
-#}
{% test not_null(model, column_name) %}
    {{ assay.default__test_not_null(model, column_name) }}
{% endtest %}


{% macro default__test_not_null(model, column_name) %}
    {%- if assay.is_watched() -%}
        {{ assay.verdict_of_rule() }}
    {%- else -%}
        {{ dbt.default__test_not_null(model, column_name) }}
    {%- endif -%}
{% endmacro %}


{% test unique(model, column_name) %}
    {{ assay.default__test_unique(model, column_name) }}
{% endtest %}


{% macro default__test_unique(model, column_name) %}
    {%- if assay.is_watched() -%}
        {{ assay.verdict_of_rule() }}
    {%- else -%}
        {{ dbt.default__test_unique(model, column_name) }}
    {%- endif -%}
{% endmacro %}


{% test accepted_values(model, column_name, values, quote=true) %}
    {{ assay.default__test_accepted_values(model, column_name, values, quote) }}
{% endtest %}


{% macro default__test_accepted_values(model, column_name, values, quote=true) %}
    {%- if assay.is_watched() -%}
        {{ assay.verdict_of_rule() }}
    {%- else -%}
        {{ dbt.default__test_accepted_values(model, column_name, values, quote) }}
    {%- endif -%}
{% endmacro %}


{% test relationships(model, column_name, to, field) %}
    {{ assay.default__test_relationships(model, column_name, to, field) }}
{% endtest %}


{% macro default__test_relationships(model, column_name, to, field) %}
    {%- if assay.is_watched() -%}
        {{ assay.verdict_of_rule() }}
    {%- else -%}
        {{ dbt.default__test_relationships(model, column_name, to, field) }}
    {%- endif -%}
{% endmacro %}


{% macro not_null_takes() %}
    {%- do return({'component': 'missing', 'arguments': {}}) -%}
{% endmacro %}


{% macro unique_takes() %}
    {%- do return({'component': 'repeat', 'arguments': {}}) -%}
{% endmacro %}


{% macro accepted_values_takes() %}
    {%- do return({'component': 'format', 'arguments': {
        'values': 'values required',
        'quote': 'flag'
    }}) -%}
{% endmacro %}


{% macro relationships_takes() %}
    {%- do return({'component': 'relation', 'arguments': {
        'to': 'table required',
        'field': 'column required'
    }}) -%}
{% endmacro %}


{% macro not_null_rule(rule) %}
    {%- do return({
        'flaw': 'missing',
        'says': rule.column ~ ' is not null',
        'fails': rule.is_null
    }) -%}
{% endmacro %}


{% macro unique_rule(rule) %}
    {%- do return(dict(assay.not_repeated_rule(rule), applies='not ' ~ rule.is_null,
        says=rule.column ~ ' is unique')) -%}
{% endmacro %}


{% macro accepted_values_rule(rule) %}
    {%- do return(dict(assay.in_format_rule(rule), applies='not ' ~ rule.is_null)) -%}
{% endmacro %}


{% macro relationships_rule(rule) %}
    {%- do return(dict(assay.refers_to_rule(rule), applies='not ' ~ rule.is_null)) -%}
{% endmacro %}
