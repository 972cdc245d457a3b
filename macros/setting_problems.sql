{#- What is wrong with the vars, the weights and the rules, as a list of sentences. -#}
{% macro setting_problems() %}
    {%- set problems = [] -%}
    {%- set feeds = var('feeds', 'sample') -%}
    {%- if feeds != 'sample' and (feeds is not mapping or feeds | length == 0) -%}
        {%- do problems.append('Var feeds is ' ~ feeds ~ ': it must be `sample`, or one'
            ~ ' entry for each feed that is supplied.') -%}
    {%- elif feeds is mapping -%}
        {%- for feed, given in feeds.items() -%}
            {%- if feed not in feed_names() -%}
                {%- do problems.append('Var feeds names ' ~ feed ~ ', which is no feed;'
                    ~ ' there are ' ~ feed_names() | join(', ') ~ '.') -%}
            {%- elif given is mapping -%}
                {%- for key in given
                    if key not in ['file', 'table', 'columns', 'cycle', 'where'] -%}
                    {%- do problems.append('Feed ' ~ feed ~ ': ' ~ key ~ ' is no setting;'
                        ~ ' there are file, table, columns, cycle and where.') -%}
                {%- endfor -%}
                {%- if given.get('cycle') and seconds(given.cycle) is none -%}
                    {%- do problems.append('Feed ' ~ feed ~ ': cycle ' ~ given.cycle
                        ~ ' is no span such as `1 day` or `12 hours`.') -%}
                {%- endif -%}
            {%- elif given is not none -%}
                {%- do problems.append('Feed ' ~ feed ~ ': write its settings (file, table,'
                    ~ ' columns, cycle, where) one level below its name.') -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if var('as_of', none) is not none and run_query(
        'select try_cast(' ~ literal(var('as_of')) ~ ' as timestamp) is null'
    ).rows[0][0] -%}
        {%- do problems.append('Var as_of is ' ~ var('as_of') ~ ', which is no time such as'
            ~ ' 2026-07-01 or 2026-07-01 12:00:00.') -%}
    {%- endif -%}
    {%- do problems.extend(_weight_problems()) -%}
    {%- do problems.extend(_name_problems()) -%}
    {%- do return(problems) -%}
{% endmacro %}


{% macro _weight_problems() %}
    {%- set problems = [] -%}
    {%- set weights = load_relation(ref('quality_weights')) -%}
    {%- if weights is none -%}{%- do return(problems) -%}{%- endif -%}
    {%- set shares = run_query(
        'select feed, completeness + accuracy + consistency + timeliness as total,'
        ~ ' least(completeness, accuracy, consistency, timeliness, feed_weight) as lowest'
        ~ ' from ' ~ weights ~ ' order by feed'
    ) -%}
    {%- for row in shares.rows -%}
        {%- if row[1] is none or (row[1] - 1) | abs > 0.000001 or row[2] < 0 -%}
            {%- do problems.append('Seed quality_weights: the four weights of ' ~ row[0]
                ~ ' must be at least 0 and sum to 1; they sum to ' ~ row[1] ~ '.') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set total = run_query('select sum(feed_weight) from ' ~ weights).rows[0][0] -%}
    {%- if total is none or (total - 1) | abs > 0.000001 -%}
        {%- do problems.append('Seed quality_weights: the column feed_weight must sum to 1;'
            ~ ' it sums to ' ~ total ~ '.') -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}


{% macro _name_problems() %}
    {%- set problems, seen = [], {} -%}
    {%- for watched in watched_tables() -%}
        {%- for node in rule_nodes(watched) -%}
            {%- if node.name in seen -%}
                {%- do problems.append('Two rules are named ' ~ node.name ~ ', in '
                    ~ seen[node.name] ~ ' and ' ~ node.original_file_path
                    ~ '; give one of them another `name`.') -%}
            {%- endif -%}
            {%- do seen.update({node.name: node.original_file_path}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}
