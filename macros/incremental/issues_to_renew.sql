{#-
What an issue model has to evaluate anew, compared with its last build: the rows of files
that are new, changed or gone, and all that depends on them. Kept for the materialization
by_change.

A rule is `of_rows` where its verdict on a row depends on nothing but the row, the rows that
share a key with it (`peers`), a key looked up in another table (`other`), and moments that
come (`ages`): its SQL is run on the rows to judge alone, which hold with each row all that
share a key with it, and with those, until there are no more. Every other rule is `of_table`
and looks at all rows again; so does one whose SQL has changed. How many rows hold a value
(`tally`) is kept and counted on.

Returns a dict: is_whole, of_rows and of_table (rules), rows_to_judge (the relation that the
materialization writes), peers, others, ages, kept_rows (SQL of what is kept of each row of
a relation), files (file number -> which build read it), new and gone (file numbers), state.
-#}
{% macro issues_to_renew(relation, table, rules) %}
    {%- set plan = assay.kept_for_run('changes ' ~ model.unique_id) -%}
    {%- do plan.update(assay.dependencies(table, rules)) -%}
    {%- do plan.update({
        'relation': relation,
        'rows_to_judge': 'temp.main.' ~ assay.quoted(model.name ~ '_to_judge'),
        'state': [['table', 'sql', local_md5(assay._kept_rows(plan, table, 'rows')
            ~ plan.others ~ assay._tallies(plan, table, 'rows') ~ assay.issues_of_rules([], 'rows', table))],
            ['table', 'as_of', assay.as_of()]],
        'table': table, 'files': {}, 'new': [], 'gone': [], 'kept_tallies': {},
        'is_whole': assay.is_read_whole(this)
    }) -%}
    {%- for rule in plan.tallies -%}
        {%- do plan.kept_tallies.update({rule.name: 'select value, row_count from '
            ~ assay.beside(this, 'tallies') ~ ' where tally_number = ' ~ loop.index})
        -%}
    {%- endfor -%}
    {%- for name, hash in plan.hashes.items() -%}
        {%- do plan.state.append(['rule', name, hash]) -%}
    {%- endfor -%}
    {%- set files = load_relation(assay.beside(relation, 'files')) -%}
    {%- set state = load_relation(assay.beside(this, 'state')) -%}
    {%- if files is none -%}
        {%- do plan.update({'is_whole': true}) -%}
        {%- do return(plan) -%}
    {%- endif -%}
    {%- for row in run_query('select file_number, read_by from ' ~ files).rows -%}
        {%- do plan.files.update({row[0]: row[1]}) -%}
        {%- do plan.state.append(['file', row[0], row[1]]) -%}
    {%- endfor -%}
    {%- if state is none or plan.is_whole -%}
        {%- do plan.update({'is_whole': true}) -%}
        {%- do return(plan) -%}
    {%- endif -%}
    {%- set before = {'table': {}, 'rule': {}, 'file': {}} -%}
    {%- for row in run_query('select kind, name, value from ' ~ state).rows -%}
        {%- do before[row[0]].update({row[1]: row[2]}) -%}
    {%- endfor -%}
    {%- for number, read_by in plan.files.items()
        if before.file.get(number | string) != read_by -%}
        {%- do plan.new.append(number) -%}
    {%- endfor -%}
    {%- for number, read_by in before.file.items()
        if plan.files.get(number | int) != read_by -%}
        {%- do plan.gone.append(number | int) -%}
    {%- endfor -%}
    {%- do plan.update({
        'is_whole': before.table.sql != plan.state[0][2]
            or plan.new | length == plan.files | length,
        'as_of_before': before.table.as_of,
        'of_table': plan.of_table.copy(), 'of_rows': []
    }) -%}
    {%- for rule in plan.rows_alone -%}
        {%- do (plan.of_rows if before.rule.get(rule.name) == plan.hashes[rule.name]
            else plan.of_table).append(rule) -%}
    {%- endfor -%}
    {%- do return(plan) -%}
{% endmacro %}


{#-
What the rules of a table depend on. Returns a dict: rows_alone (rules whose verdicts
depend on rows that are known), of_table (the other rules), peers, others and tallies (as
rules() has them, each once), ages, hashes (rule -> of all that its verdicts are made of).
-#}
{% macro dependencies(table, rules) %}
    {%- set found = {'rows_alone': [], 'of_table': [], 'others': [], 'ages': [],
        'tallies': [],
        'hashes': {}, 'peers': [{'of': assay._of_watched(assay.key_of_peers(table)),
            'where': 'true', 'with': none}]} -%}
    {%- for rule in rules -%}
        {%- set peers, other = rule.peers or {}, rule.other or {} -%}
        {%- set ages = rule.ages | map('first') | list -%}
        {%- set row_sql = [rule.where] + peers.get('of', []) + [peers.get('where'),
            peers.get('with'), other.get('value')] + other.get('ours', [])
            + other.get('theirs', []) + ages -%}
        {%- if not peers and not other -%}
            {%- do row_sql.extend([rule.fails, rule.applies, rule.found,
                rule.error_probability]) -%}
        {%- endif -%}
        {%- set sql = assay.failing_rows(rule) ~ rule.asks_whether_missing
            ~ rule.expressions ~ rule.applies -%}
        {%- do found.hashes.update({rule.name: local_md5(sql.replace(assay.as_of(),
            'as_of') if ages else sql)}) -%}
        {%- if rule.fails is none or not assay.depends_on_row_alone(row_sql) -%}
            {%- do found.of_table.append(rule) -%}
            {%- if rule.tally and assay.depends_on_row_alone([rule.where,
                rule.tally.value]) -%}
                {%- do found.tallies.append(rule) -%}
            {%- endif -%}
        {%- else -%}
            {%- do found.rows_alone.append(rule) -%}
            {%- set shared = {'of': assay._of_watched(peers.get('of', [])),
                'where': assay._of_watched([peers.get('where') or 'true'])[0],
                'with': peers.get('with')} -%}
            {%- do found.peers.append(shared) if shared.of
                and shared not in found.peers -%}
            {%- do found.others.append(other) if other and other not in found.others -%}
            {%- for age in rule.ages if age not in found.ages -%}
                {%- do found.ages.append(age) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(found) -%}
{% endmacro %}


{#- SQL about `watched as peer` as SQL about `watched`. -#}
{% macro _of_watched(expressions) %}
    {%- set of_watched = [] -%}
    {%- for expression in expressions -%}
        {%- do of_watched.append(expression.replace('peer."', 'watched."')) -%}
    {%- endfor -%}
    {%- do return(of_watched) -%}
{% endmacro %}


{#-
What is kept of each row of a relation: its number, a hash of each key that it shares with
its peers (null where it has none) and of each that it looks up.
-#}
{% macro _kept_rows(plan, table, relation) %}
    with watched as {{ assay.watched_rows(relation, table) }}
    select
        watched."row number" as record_number
        {%- for peers in plan.peers %},
        case when {{ peers.where }} then {{ assay.row_hash(peers.of) }} end as peers_{{
            loop.index }}
            {%- if peers['with'] %},
        {{ peers['with'] }} as starts_{{ loop.index }}
            {%- endif %}
        {%- endfor %}
        {%- for other in plan.others %},
        {{ assay.row_hash(other.ours) }} as other_{{ loop.index }}
        {%- endfor %}
        {%- for rule in plan.tallies %},
        case when {{ rule.where or 'true' }} then {{ assay.row_hash([rule.tally.value])
            }} end as value_{{ loop.index }}
        {%- endfor %}
    from watched
{% endmacro %}


{#- How many rows of a relation hold each value that a rule about coverage asks for. -#}
{% macro _tallies(plan, table, relation) %}
    with watched as {{ assay.watched_rows(relation, table) }}
    {%- for rule in plan.tallies %}
    {{ 'union all' if not loop.first }}
    select
        {{ loop.index }} as tally_number,
        {{ assay.row_hash(['value']) }} as value_hash,
        value,
        row_count
    from ({{ rule.tally.sql }})
    {%- else %}
    select 0 as tally_number, cast(0 as ubigint) as value_hash, '' as value,
        0 as row_count
    where false
    {%- endfor %}
{% endmacro %}


{#- The keys of other tables as they are now, each with a hash of what is read there. -#}
{% macro _keys_of_others(plan) %}
    {%- for other in plan.others %}
    {{ 'union all' if not loop.first }}
    select
        {{ loop.index }} as other_number,
        {{ assay.row_hash(other.theirs) }} as key_hash,
        {%- if other.value %}
        hash(count(*), sum(hash({{ other.value }}))) as value_hash
        {%- else %}
        cast(0 as ubigint) as value_hash
        {%- endif %}
    from {{ other.from_sql }} as other
    group by all
    {%- else %}
    select 0 as other_number, cast(0 as ubigint) as key_hash,
        cast(0 as ubigint) as value_hash
    where false
    {%- endfor %}
{% endmacro %}
