{#-
An argument that is SQL, as part of a longer expression. On lines of its own, so that a
comment within ends there; Jinja within, such as a var, is rendered.
-#}
{% macro sql_of(argument) %}
    {%- set sql = argument | string -%}
    {%- do return('(' ~ (render(sql) if '{{' in sql else sql) ~ '\n)') -%}
{% endmacro %}


{#-
Whether an expression can be evaluated for every row of a table; asked where a person wrote
it, so that it costs the rule alone. It speaks of a row as `watched`.
-#}
{% macro can_evaluate(expressions, table) %}
    {%- set counts = [] -%}
    {%- for expression in expressions -%}
        {%- do counts.append('count(' ~ expression ~ ')') -%}
    {%- endfor -%}
    {%- do return(assay.can_run('select 1 from ' ~ table.relation
        ~ ' as watched having '
        ~ counts | join(' + ') ~ ' >= 0')) -%}
{% endmacro %}


{#- The update for a rule whose argument cannot be evaluated; none where it can. -#}
{% macro sql_problem(rule, argument, expressions) %}
    {%- if rule.state == 'ready' and not assay.can_evaluate(expressions, rule.table) -%}
        {%- do return({'state': 'error', 'reason': '`' ~ argument
            ~ '` cannot be evaluated: ' ~ assay.shown(rule.arguments[argument])}) -%}
    {%- endif -%}
    {%- do return({}) -%}
{% endmacro %}


{#- An expression, evaluated only in the rows that meet a condition, if there is one. -#}
{% macro where_met(condition, expression) %}
    {%- do return('case when ' ~ condition ~ ' then ' ~ expression ~ ' end' if condition
        else expression) -%}
{% endmacro %}
