{#-
Checks that rows which speak of the same thing say the same. Texts are compared without
letter case and surplus white space, a text with a number or a time as one; missing values
are not compared.
Without `to`, rows of the table itself are compared, such as those of several source
systems: fails for each row whose key also holds another value. With `to`, fails for a
row whose value is not the one of that key in the other table.
Without `to` the rows that fail are counted by how likely each is the odd one
(`error_probability`): of two of three that agree a few percent, of the third nearly all,
of two that differ one half each. Rates are sums of these; `failing_rows` counts all.

- key: the column, or list of columns, that says what a row speaks of
- to: the other table, as in `ref('stg_products')`
- field: the column there that holds the same fact; default: the same name
- tolerance: largest difference of numbers, or of times in seconds, that still agrees
- unless_over: without `to`: where a greater share of the rows says something else than the
  most frequent value of their key, as of numbers that each visitor counts anew, the key
  names no one thing and no row is checked
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test agrees_with(
    model, column_name, key, to=none, field=none, tolerance=0, unless_over=none,
    max_rate=0, weight=1, floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro agrees_with_takes() %}
    {%- do return({'component': 'source', 'arguments': {
        'key': 'columns required',
        'to': 'table',
        'field': 'column',
        'tolerance': 'number',
        'unless_over': 'share'
    }}) -%}
{% endmacro %}


{% macro agrees_with_rule(rule) %}
    {%- set key = assay.as_list(rule.arguments.key) -%}
    {%- set tolerance = rule.arguments.get('tolerance', 0) -%}
    {%- set field = rule.arguments.get('field') or rule.column -%}
    {%- set to = rule.arguments.get('to') -%}
    {%- set update = {
        'flaw': 'disagreement',
        'says': rule.column ~ ' agrees with ' ~ (to ~ '.' ~ field if to
            else 'the other rows') ~ ' of the same ' ~ key | join(', ')
    } -%}
    {%- for column in key if assay.column_state(column, rule.table) -%}
        {%- do update.update(assay.column_state(column, rule.table)) -%}
    {%- endfor -%}
    {%- if to -%}
        {%- set other = assay.other_table(rule, to, field) -%}
        {%- for column in key if other.state == 'ready'
            and assay.column_state(column, other.table) -%}
            {%- set other = assay.column_state(column, other.table) -%}
            {%- do update.update(other) -%}
        {%- endfor -%}
        {%- if other.state != 'ready' -%}{%- do update.update(other) -%}{%- endif -%}
    {%- endif -%}
    {%- if to and 'unless_over' in rule.arguments -%}
        {%- do update.update({'state': 'error', 'reason':
            'unless_over is about rows of the table itself, not with `to`'}) -%}
    {%- endif -%}
    {%- if update.get('state') or rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}

    {%- set ours = assay._fact(rule.column, rule.table, 'watched') -%}
    {%- if to -%}
        {%- set theirs = assay._fact(field, other.table, 'other') -%}
        {%- set families = [ours.family, theirs.family] -%}
        {%- if 'text' in families and theirs.family != ours.family -%}
            {%- set family = families | reject('eq', 'text') | first -%}
            {%- set ours = assay._fact(rule.column, rule.table, 'watched', family) -%}
            {%- set theirs = assay._fact(field, other.table, 'other', family) -%}
        {%- elif theirs.family != ours.family -%}
            {%- do update.update({'state': 'error', 'reason': rule.column ~ ' and '
                ~ field
                ~ ' are not of one type'}) -%}
        {%- endif -%}
        {%- set conditions, our_key, their_key = [theirs.is_present], [], [] -%}
        {%- for column in key -%}
            {%- do our_key.append(assay.column_text(column, rule.table).as_key) -%}
            {%- do their_key.append(assay.column_text(column, other.table,
                'other').as_key) -%}
            {%- do conditions.append(assay.column_sql(column,
                rule.table).is_present) -%}
            {%- do conditions.append(their_key[-1] ~ ' = ' ~ our_key[-1]) -%}
        {%- endfor -%}
        {%- set same_thing = 'select 1 from ' ~ other.from_sql ~ ' as other where '
            ~ conditions | join(' and ') -%}
        {%- do update.update({
            'reads': [other.unique_id],
            'other': {'table': other.unique_id, 'from_sql': other.from_sql,
                'ours': our_key, 'theirs': their_key,
                'value': assay.column_text(field, other.table, 'other').text},
            'applies': ours.is_present ~ ' and exists (' ~ same_thing ~ ')',
            'fails': 'exists (' ~ same_thing ~ ' and ' ~ (
                'coalesce(abs(' ~ theirs.sql ~ ' - ' ~ ours.sql ~ ') > ' ~ tolerance
                ~ ', true)' if ours.is_number else theirs.sql ~ ' <> ' ~ ours.sql) ~ ')'
        }) -%}
    {%- else -%}
        {%- set peer = assay._fact(rule.column, rule.table, 'peer') -%}
        {%- set our_key, peer_key, peer_rows = [], [], [peer.is_present] -%}
        {%- for column in key -%}
            {%- do our_key.append(assay.column_text(column, rule.table).text) -%}
            {%- do peer_key.append(assay.column_text(column, rule.table,
                'peer').text) -%}
            {%- do peer_rows.append(assay.column_sql(column, rule.table,
                'peer').is_present) -%}
        {%- endfor -%}
        {%- if rule.where -%}{%- do peer_rows.append('(' ~ rule.where
            ~ ')') -%}{%- endif -%}
        {%- set groups = ') in (select ' ~ peer_key | join(', ')
            ~ ' from watched as peer where '
            ~ peer_rows | join(' and ') ~ ' group by all having ' -%}
        {%- set facts = assay._facts_of_keys(peer, peer_key, peer_rows) -%}
        {%- set disagreeing = ') in (select ' ~ facts.names ~ ' from (' ~ facts.sql
            ~ ') group by all having ' ~ ('max(fact) - min(fact) > ' ~ tolerance
            if peer.is_number else 'min(fact) <> max(fact)') ~ ')' -%}
        {%- set unless_over = rule.arguments.get('unless_over') -%}
        {%- set names_a_thing = '' if unless_over is none
            else ' and (' ~ assay._key_names_a_thing(facts, unless_over) ~ ')' -%}
        {%- do update.update({
            'applies': ours.is_present ~ ' and (' ~ our_key | join(', ') ~ groups
                ~ 'count(*) > 1)' ~ names_a_thing,
            'fails': '(' ~ our_key | join(', ') ~ disagreeing,
            'error_probability': assay._odd_rows(peer, peer_key, peer_rows, tolerance,
                '(' ~ peer_key | join(', ') ~ disagreeing, facts)
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- SQL of whether most rows of a key say the same, of which more than one have it. -#}
{% macro _key_names_a_thing(facts, unless_over) %}
    select coalesce(sum(asked - most) <= {{ unless_over }} * sum(asked), true)
    from (
        select
            sum(votes) as asked,
            max(votes) as most
        from ({{ facts.sql }})
        group by {{ facts.names }}
        having sum(votes) > 1
    )
{%- endmacro %}


{#-
What rows of each key say, as `sql` of key_1 and so on (`names`), fact and votes. What is
written alike is made a fact once.
-#}
{% macro _facts_of_keys(peer, peer_key, peer_rows) %}
    {%- set keys, names = [], [] -%}
    {%- for key in peer_key -%}
        {%- do names.append('key_' ~ loop.index) -%}
        {%- do keys.append(key ~ ' as ' ~ names[-1]) -%}
    {%- endfor -%}
    {%- do return({'names': names | join(', '), 'sql': 'select ' ~ names | join(', ')
        ~ ', ' ~ ('said' if peer.is_number else assay.normalized_text('said'))
        ~ ' as fact, sum(times) as votes from (select ' ~ keys | join(', ') ~ ', '
        ~ peer.said ~ ' as said, count(*) as times from watched as peer where '
        ~ peer_rows | join(' and ') ~ ' group by all) group by all'}) -%}
{% endmacro %}


{#-
SQL of how likely a row of `watched` is the odd one of the rows of its key. A value is
right in proportion to the odds that a row is, to the power of the rows that say so; how
often rows are right is counted in all of them: they are wrong where more say otherwise,
and of equals one alone is right. One of the values is taken to be right. Sums are of
decimals, so that their order decides on nothing. Rows of keys that agree are counted only:
where all say the same, none is odd.

- disagree: condition of the rows of keys that do not agree
- facts: as _facts_of_keys() counts them
-#}
{% macro _odd_rows(peer, peer_key, peer_rows, tolerance, disagree, facts) %}
    {%- set thing -%}
        partition by {% for key in peer_key %}key_{{ loop.index }}
            {%- if not loop.last %}, {% endif %}{% endfor %}
    {%- endset -%}
    {%- set say_so = thing ~ (' order by fact range between ' ~ tolerance
        ~ ' preceding and ' ~ tolerance ~ ' following' if peer.is_number
        else ', fact') -%}
    {%- set support = 'exp((votes - most) * log_odds)' -%}
    {%- set odd_rows -%}
        select
            voter,
            greatest(0, 1 - {{ support }} / sum(
                cast({{ support }} / votes as decimal(38, 18))
            ) over ({{ thing }})) as error_probability
        from (
            select
                *,
                -ln(rate / (1 - rate)) as log_odds
            from (
                select
                    *,
                    least(0.45, greatest(0.0005,
                        (sum(cast(1 - most / asked as decimal(38, 18))) over () + 0.5)
                        / ((
                            select coalesce(sum(asked), 0)
                            from (
                                select sum(votes) as asked
                                from ({{ facts.sql }})
                                group by {{ facts.names }}
                                having sum(votes) > 1
                            )
                        ) + 5)
                    )) as rate
                from (
                    select
                        *,
                        max(votes) over ({{ thing }}) as most
                    from (
                        select
                            "row number" as voter,
                            {%- for key in peer_key %}
                            {{ key }} as key_{{ loop.index }},
                            {%- endfor %}
                            {{ peer.sql }} as fact,
                            count(*) over ({{ thing }}) as asked,
                            count(*) over ({{ say_so }}) as votes
                        from watched as peer
                        where {{ peer_rows | join(' and ') }} and {{ disagree }}
                    )
                    where asked > 1
                )
            )
        )
    {%- endset -%}
    {%- do return('(select error_probability from (' ~ odd_rows
        ~ ') as odd_rows where voter = watched."row number")') -%}
{% endmacro %}


{#-
A column as a fact to compare: a number, a time in seconds, or a normalized text; a text
beside a column of another `family` as such, null where it is none.
-#}
{% macro _fact(column, table, row, family=none) %}
    {%- set found = assay.column_sql(column, table, row) -%}
    {%- set family = family or found.family -%}
    {%- if family in ['number', 'time'] -%}
        {%- set value = assay.time_sql(found) if family == 'time'
            else assay.cast_or_null(found.value, 'varchar', 'double')
            if found.family == 'text'
            else assay.finite_number(found) -%}
        {#- By its digits: the float 1.1 is 1.10000002 as a double. -#}
        {%- set number = 'cast(' ~ ('cast(' ~ value ~ ' as varchar)'
            if found.type in ['float', 'real'] else value) ~ ' as double)' -%}
        {%- do return({
            'sql': 'epoch(' ~ value ~ ')' if family == 'time' else number,
            'said': 'epoch(' ~ value ~ ')' if family == 'time' else number,
            'family': family,
            'is_number': true,
            'is_present': found.is_present if found.family == 'text'
                else value ~ ' is not null'
        }) -%}
    {%- endif -%}
    {%- do return({'sql': assay.normalized_text(found.text), 'said': found.text,
        'family': found.family,
        'is_number': false, 'is_present': found.is_present}) -%}
{% endmacro %}
