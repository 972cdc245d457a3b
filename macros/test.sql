{#-
Runs a test. What the SQL of a rule's test would find is looked up in the verdicts of all
rules, which are read once a run: of thousands of tests a query each takes its time. A
test whose failures are stored, or that has conditions of its own, is run as dbt does, and
so is every other test.
-#}
{% materialization test, default %}
    {%- if not (model.test_metadata and reads_its_verdict(model) and is_watched())
        or should_store_failures()
        or [config.get('warn_if'), config.get('error_if')] != ['!= 0', '!= 0'] -%}
        {%- do return(dbt.materialization_test_default()) -%}
    {%- endif -%}
    {%- set found = _counted_verdicts() -%}
    {%- set is_bad = found.verdicts.get(model.name) in verdicts_that_fail() -%}
    {%- set place = found.places[model.name if is_bad else none] -%}
    {%- do store_raw_result('main', 'OK', 'OK', 1,
        found.counts.limit(place, place + 1)) -%}
    {%- do return({'relations': []}) -%}
{% endmaterialization %}


{#- The failing rows of bad verdicts as dbt counts them, and in which row each stands. -#}
{% macro _counted_verdicts() %}
    {%- set kept = kept_for_run('verdicts') -%}
    {%- if not kept -%}
        {%- set found = run_query(
            'select null as rule_name, null as verdict, 0 as failures,'
            ~ ' false as should_warn, false as should_error union all'
            ~ ' select rule_name, verdict, failing_rows, true, true from ('
            ~ verdicts_of_rules() ~ ')') -%}
        {%- set places, verdicts = {}, {} -%}
        {%- for row in found.rows -%}
            {%- do places.update({row[0]: loop.index0}) -%}
            {%- do verdicts.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- do kept.update({'places': places, 'verdicts': verdicts,
            'counts': found.select(['failures', 'should_warn', 'should_error'])}) -%}
    {%- endif -%}
    {%- do return(kept) -%}
{% endmacro %}
