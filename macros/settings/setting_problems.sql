{#- What is wrong with the vars, the weights and the rules, as a list of sentences. -#}
{% macro setting_problems() %}
    {%- set problems = [] -%}
    {%- set feeds = assay.setting('feeds') -%}
    {%- if feeds is mapping -%}
        {%- for feed, given in feeds.items() -%}
            {%- do problems.extend(assay.feed_setting_problems(feed, given)) -%}
        {%- endfor -%}
    {%- elif feeds != 'sample' -%}
        {%- do problems.append('Var feeds is ' ~ assay.shown(feeds)
            ~ ': it must be `sample`, or'
            ~ ' one entry for each feed that is supplied ({} for none).') -%}
    {%- endif -%}
    {%- if assay.setting('as_of') is not none and not run_query(
        'select coalesce(isfinite(try_cast(' ~ assay.literal(assay.setting('as_of'))
        ~ ' as timestamp)), false)'
    ).rows[0][0] -%}
        {%- do problems.append('Var as_of is ' ~ assay.setting('as_of') ~ ', which is no time'
            ~ ' such as 2026-07-01 or 2026-07-01 12:00:00.') -%}
    {%- endif -%}
    {%- if assay.setting('not_measured') not in ['pass', 'fail_supplied', 'fail'] -%}
        {%- do problems.append('Var not_measured is ' ~ assay.setting('not_measured')
            ~ ': it must be'
            ~ ' `pass`, `fail_supplied` or `fail`.') -%}
    {%- endif -%}
    {%- if assay.setting('quality_weights') not in ['hand', 'calibrated'] -%}
        {%- do problems.append('Var quality_weights is ' ~ assay.setting('quality_weights')
            ~ ': it must be `hand` or `calibrated`.') -%}
    {%- endif -%}
    {%- if assay.setting('lang') not in ['en', 'zh'] -%}
        {%- do problems.append('Var lang is ' ~ assay.setting('lang')
            ~ ': the report is written in `en` or `zh`.') -%}
    {%- endif -%}
    {%- do problems.extend(assay._learning_problems()) -%}
    {%- do problems.extend(assay._repair_problems()) -%}
    {%- do problems.extend(assay._watching_problems()) -%}
    {%- do problems.extend(assay._target_problems()) -%}
    {%- do problems.extend(assay._weight_problems()) -%}
    {%- do problems.extend(assay.calibrated_weight_problems()) -%}
    {%- do problems.extend(assay._audit_problems()) -%}
    {%- do problems.extend(assay._rule_problems()) -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- The vars of learned rules. -#}
{% macro _learning_problems() %}
    {%- set problems = [] -%}
    {%- set encoder, device = assay.setting('encoder'), assay.setting('device') -%}
    {%- set size = assay.setting('audit_size') -%}
    {%- if encoder is not string or not encoder.strip() -%}
        {%- do problems.append('Var encoder is ' ~ encoder ~ ': it must be `auto`,'
            ~ ' `none`, the name of an encoder, or the folder of a model.') -%}
    {%- endif -%}
    {%- if not modules.re.match('(auto|cpu|cuda(:[0-9]+)?)$', device | string) -%}
        {%- do problems.append('Var device is ' ~ device
            ~ ': it must be `auto`, `cpu` or'
            ~ ' `cuda`.') -%}
    {%- endif -%}
    {%- if assay.setting('precision') not in ['auto', 'float32', 'bfloat16'] -%}
        {%- do problems.append('Var precision is ' ~ assay.setting('precision') ~ ': it must be'
            ~ ' `auto`, `float32` or `bfloat16`.') -%}
    {%- endif -%}
    {%- if size is not integer or size is boolean or size < 0 -%}
        {%- do problems.append('Var audit_size is ' ~ size ~ ': it must be a number of'
            ~ ' rows.') -%}
    {%- endif -%}
    {%- if assay.setting('incremental') is not boolean -%}
        {%- do problems.append('Var incremental is '
            ~ assay.shown(assay.setting('incremental'))
            ~ ': it must be `true` or `false`.') -%}
    {%- endif -%}
    {%- set folder = assay.setting('training_folder') -%}
    {%- if folder is not none and (folder is not string or not folder.strip()) -%}
        {%- do problems.append('Var training_folder is ' ~ assay.shown(folder)
            ~ ': it must be the folder below which training runs lie, or null for none.') -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- The vars of history and anomalies. -#}
{% macro _watching_problems() %}
    {%- set problems = [] -%}
    {%- set days, waits = assay.setting('history_days'), assay.setting('closed_after') -%}
    {%- if days is not integer or days is boolean or not 1 <= days <= 36500 -%}
        {%- do problems.append('Var history_days is ' ~ days
            ~ ': it must be a number of days, such as 730.') -%}
    {%- endif -%}
    {%- if waits is not mapping -%}
        {%- do problems.append('Var closed_after is ' ~ assay.shown(waits)
            ~ ': write one `<table>: <span>` a line, such as `events: 6 hours`.') -%}
    {%- else -%}
        {%- for table, span in waits.items() -%}
            {%- if table not in assay.watched_tables() + ['default'] -%}
                {%- do problems.append('Var closed_after names ' ~ table
                    ~ ', which is not watched; watched are '
                    ~ assay.watched_tables() | join(', ') ~ '.') -%}
            {%- elif assay.seconds(span) is none -%}
                {%- do problems.append('Var closed_after, ' ~ table ~ ' is '
                    ~ assay.shown(span) ~ ': it must be a span such as `6 hours`.') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- The vars of repairs. -#}
{% macro _repair_problems() %}
    {%- set problems = [] -%}
    {%- set thresholds = assay.setting('repair_thresholds') -%}
    {%- set priority = assay.setting('source_priority') -%}
    {%- if assay.setting('label_repairs') not in ['audited', 'confident'] -%}
        {%- do problems.append('Var label_repairs is ' ~ assay.setting('label_repairs')
            ~ ': it must'
            ~ ' be `audited` or `confident`.') -%}
    {%- endif -%}
    {#- A bare `off` is false in YAML. -#}
    {%- if assay.setting('effect') not in ['auto', 'full', 'off', false]
        or assay.setting('effect') is number and assay.setting('effect') is not boolean -%}
        {%- do problems.append('Var effect is ' ~ assay.shown(assay.setting('effect'))
            ~ ': it must be `auto`, `full` or `off`.') -%}
    {%- endif -%}
    {%- set methods = assay.repair_methods() + ['default'] -%}
    {%- if thresholds is not mapping -%}
        {%- do problems.append('Var repair_thresholds is ' ~ thresholds ~ ': write one'
            ~ ' `<method>: <confidence>` a line; methods are ' ~ methods | join(', ')
            ~ '.') -%}
    {%- else -%}
        {%- for method, threshold in thresholds.items() -%}
            {%- if method not in methods -%}
                {%- do problems.append('Var repair_thresholds names ' ~ method
                    ~ ', which is no method of repair; there are '
                    ~ methods | join(', ')
                    ~ '.') -%}
            {%- elif threshold is not number or threshold is boolean
                or not 0 <= threshold <= 1 -%}
                {%- do problems.append('Var repair_thresholds, ' ~ method ~ ' is '
                    ~ threshold ~ ': it must be a confidence from 0 to 1.') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if priority is not mapping -%}
        {%- do problems.append('Var source_priority is ' ~ priority ~ ': write one'
            ~ ' `<table>: [<source system>, ...]` a line.') -%}
    {%- else -%}
        {%- for table, names in priority.items() -%}
            {%- if table not in assay.watched_tables() -%}
                {%- do problems.append('Var source_priority names ' ~ table
                    ~ ', which is not watched; watched are '
                    ~ assay.watched_tables() | join(', ') ~ '.') -%}
            {%- elif names is string or not assay.is_name(names) -%}
                {%- do problems.append('Var source_priority, ' ~ table ~ ' is ' ~ names
                    ~ ': it must be a list of source systems, the first of which is right'
                    ~ ' where they disagree.') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- Rows of the seed of audits that are no verdicts; the first ten. -#}
{% macro _audit_problems() %}
    {%- set problems, names = [], [] -%}
    {%- set audits = load_relation(ref('label_audits')) -%}
    {%- if audits is none -%}{%- do return(problems) -%}{%- endif -%}
    {%- for table in assay.watched_tables() -%}
        {%- for rule in assay.rule_nodes(table) -%}
            {%- do names.append(assay.literal(rule.name)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set query -%}
        with audits as (
            select
                *,
                count(*) over (partition by rule_name, record_key, label) as verdicts,
                try_cast(sampling_weight as double) as weight,
                count(sampling_weight) over (partition by rule_name) as weights,
                count(*) over (partition by rule_name) as rows_of_rule
            from {{ audits }}
        ),

        judged as (
            select distinct
                rule_name,
                record_key,
                case
                    when rule_name is null or rule_name not in ({{ names | join(
                        ', ') }})
                        then 'there is no rule of that name'
                    when record_key is null then 'it has no record_key'
                    when verdicts > 1 then 'it stands in ' || verdicts || ' rows'
                    when try_cast(is_wrong as boolean) is null
                        then 'is_wrong must be true or false, not '
                            || coalesce(is_wrong, 'empty')
                    when sampling_weight is not null
                        and coalesce(not isfinite(weight) or weight < 1, true)
                        then 'sampling_weight must be a number of at least 1, not '
                            || sampling_weight
                    when weights not in (0, rows_of_rule)
                        then 'sampling_weight must be there in all rows of a rule, or in'
                            || ' none'
                end as problem
            from audits
        )

        select rule_name, record_key, problem
        from judged
        where problem is not null
        order by all
        limit 10
    {%- endset -%}
    {%- for rule_name, record_key, problem in run_query(query).rows -%}
        {%- do problems.append('Seed label_audits, ' ~ (rule_name or 'no rule_name')
            ~ (', ' ~ record_key if record_key else '') ~ ': ' ~ problem ~ '.') -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}


{% macro _target_problems() %}
    {%- set problems = [] -%}
    {%- set zone = run_query("select current_setting('TimeZone')").rows[0][0] -%}
    {%- if zone | upper not in ['UTC', 'ETC/UTC', 'GMT'] -%}
        {%- do problems.append('The time zone of the session is ' ~ zone
            ~ ': times are UTC'
            ~ ' here; write `settings: {TimeZone: UTC}` in the profile.') -%}
    {%- endif -%}
    {%- if target.database == target.schema -%}
        {%- do problems.append('The database and the schema are both named '
            ~ target.schema
            ~ ', which DuckDB cannot tell apart; rename the database file'
            ~ ' or the schema of the profile.') -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{% macro _weight_problems() %}
    {%- set problems = [] -%}
    {%- set weights = load_relation(ref('quality_weights')) -%}
    {%- if weights is none -%}{%- do return(problems) -%}{%- endif -%}
    {%- set query -%}
        with weights as (
            select
                *,
                count(*) over (partition by feed) as feed_rows,
                completeness + accuracy + consistency + timeliness as total
            from {{ weights }}
        ),

        judged as (
            select distinct
                feed,
                case
                    when feed_rows > 1 then 'it stands in ' || feed_rows || ' rows'
                    when coalesce(not isfinite(total + feed_weight), true)
                        then 'a weight is missing or no number'
                    when least(
                        completeness, accuracy, consistency, timeliness, feed_weight
                    ) < 0 then 'a weight is negative'
                    when not abs(total - 1) <= 0.000001
                        then 'the weights of the four dimensions must sum to 1, not '
                            || round(total, 6)
                end as problem
            from weights
        )

        select feed, problem from judged where problem is not null
        union all
        select
            null,
            'the column feed_weight must sum to 1, not ' || round(sum(feed_weight), 6)
        from weights
        having not abs(sum(feed_weight) - 1) <= 0.000001
    {%- endset -%}
    {%- for feed, problem in run_query(query).rows -%}
        {%- do problems.append('Seed quality_weights'
            ~ (', feed ' ~ feed if feed else '') ~ ': ' ~ problem ~ '.') -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}


{#- Rules of one name, and issue models that do not fit what they are to evaluate. -#}
{% macro _rule_problems() %}
    {%- set problems, seen, issue_models = [], {}, {} -%}
    {%- for node in graph.nodes.values()
        if 'macro.assay.issues' in node.depends_on.macros -%}
        {%- do issue_models.update({node.name: node}) -%}
    {%- endfor -%}
    {%- for table in assay.watched_tables() -%}
        {%- if assay.watched_node(table) is none -%}
            {%- do problems.append('Var watched names ' ~ table
                ~ ', but there is no model,'
                ~ ' seed, snapshot or source of that name.') -%}
        {%- else -%}
            {%- do problems.extend(assay.renamed_meta(assay.watched_node(table))) -%}
        {%- endif -%}
        {%- set issue_model = issue_models.pop('int_' ~ table ~ '_issues', none) -%}
        {%- for rule in assay.rule_nodes(table) -%}
            {%- if rule.name in seen -%}
                {%- set files = [seen[rule.name], rule.original_file_path] | unique -%}
                {%- do problems.append('Two rules are named ' ~ rule.name ~ ', in '
                    ~ files | join(' and ') ~ '; give one of them another `name`.') -%}
            {%- endif -%}
            {%- do seen.update({rule.name: rule.original_file_path}) -%}
            {%- for unique_id in rule.depends_on.nodes
                if issue_model and unique_id not in issue_model.depends_on.nodes
                and unique_id != 'model.assay.fct_quality_rules' -%}
                {%- set name = "'" ~ unique_id.split('.')[2:] | join("', '") ~ "'" -%}
                {%- do problems.append('Rule ' ~ rule.name ~ ' reads ' ~ name
                    ~ ', which ' ~ issue_model.original_file_path
                    ~ ' does not name; add '
                    ~ ('source(' if unique_id.startswith('source.') else 'ref(') ~ name
                    ~ ') to what it gives to issues().') -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name, node in issue_models.items() -%}
        {%- do problems.append('Issue model ' ~ node.original_file_path ~ ' must be'
            ~ ' named int_<table>_issues, with <table> listed in the var `watched`;'
            ~ ' watched are ' ~ assay.watched_tables() | join(', ') ~ '.') -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}
