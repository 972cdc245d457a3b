{#-
What the data say a failing cell of one watched table should hold, and how far they are to
be believed: one row per cell, kind of evidence and candidate, to be added to
no_evidence(). `log_odds` is the logarithm of the odds that evidence of this kind is right,
as often as it is right of the cells whose value is known: naive Bayes adds them.

same_thing   what other rows say that speak of the same thing: those with the same key of
             an `agrees_with`, or of `same_thing` in the table's `meta`; where there are
             several such keys, each is a kind of its own, because one may be wrong
found        the value that is there, beside several keys or another table
usual        how often a value occurs at all, where several keys are asked
priority     what the row among them says whose source system the var `source_priority`
             names first; such a declaration goes before all counting
newest       what the newest of them says, which weighs little: it breaks ties
other_table  what the table says that `also_in` of a column's `meta`, or `agrees_with`, names
spelling     the most used spelling of the same value, and the key that another table spells
             otherwise
-#}
{% macro evidence(feed, known) %}
    {%- set table = watched_table(feed, known) -%}
    {%- set selects, seen = [], [] -%}
    {%- for rule in rules_of_failing_columns(table) if rule.flaw in [
        'missing', 'format', 'impossible', 'orphan', 'disagreement'] -%}
        {%- if rule.column not in seen -%}
            {%- do seen.append(rule.column) -%}
            {%- set things = _same_things(rule.column, table) -%}
            {%- for thing in things -%}
                {%- do selects.append(_same_thing(rule.column, thing, table,
                    is_one_of_many=things | length > 1)) -%}
                {%- do selects.extend(_preferred(rule.column, thing, table)) -%}
            {%- endfor -%}
            {%- for place in _places(rule, table) -%}
                {%- do selects.append(_other_table(rule.column, place, table)) -%}
            {%- endfor -%}
        {%- endif -%}
        {%- if rule.arguments.get('is') == 'one_spelling' -%}
            {%- do selects.append(_usual_spelling(rule)) -%}
        {%- elif rule.flaw == 'orphan' -%}
            {%- do selects.append(_key_of_another_spelling(rule)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not selects -%}
        {%- do return('') -%}
    {%- endif %}
union all
select
    {{ literal(feed) }} as feed,
    said.*
from (
    with watched as {{ watched_rows(tested_relation(table), table) }},

    {#- A value whose canonical form is certain is a witness by that form. #}
    cells as (
        select
            failing.*,
            (
                select arg_max(forms.canonical_value, forms.confidence)
                from {{ ref('int_canonical_values') }} as forms
                where forms.format_value = failing.found_value
                    and forms.confidence >= 0.95
                    and list_contains(
                        string_split(failing.rule_names, ', '), forms.rule_name
                    )
            ) as canonical_value
        from {{ ref('int_failing_cells') }} as failing
        where failing.feed = {{ literal(feed) }}
    )

    {{ selects | join('\n    union all\n') }}
) as said
{% endmacro %}


{#- The columns of evidence(), without a row. -#}
{% macro no_evidence() %}
select
    cast(null as varchar) as feed,
    cast(null as varchar) as column_name,
    cast(null as bigint) as record_number,
    cast(null as varchar) as kind,
    cast(null as varchar) as candidate,
    cast(null as double) as log_odds,
    cast(null as varchar) as reason
where false
{% endmacro %}


{#-
The lists of columns any of which tells that two rows speak of the same thing, as far as a
column is concerned. A key of several source systems is one without the source system.
-#}
{% macro _same_things(column, table) %}
    {%- set lists, usable = agreeing_keys(column, table), [] -%}
    {%- do lists.extend(_meta_things(table)) -%}
    {%- set key = table.key | reject('equalto', table.source_system_column) | list -%}
    {%- if key and key | length < table.key | length -%}
        {%- do lists.append(key) -%}
    {%- endif -%}
    {%- for list in lists if list not in usable and column not in list
        and list | reject('in', table.columns) | list == []
        and list | select('in', table.not_supplied) | list == [] -%}
        {%- do usable.append(list) -%}
    {%- endfor -%}
    {%- do return(usable) -%}
{% endmacro %}


{#- What `same_thing` under `meta` of a table names: columns, or lists of columns. -#}
{% macro _meta_things(table) %}
    {%- set lists = [] -%}
    {%- for list in table.node.config.meta.get('same_thing', []) -%}
        {%- do lists.append(as_list(list)) -%}
    {%- endfor -%}
    {%- do return(lists) -%}
{% endmacro %}


{#- A value by which what two rows say is compared: as agrees_with compares it. -#}
{% macro compared(column, table, row='watched', value=none) %}
    {%- set found = column_text(column, table, row) -%}
    {%- set text = value or found.text -%}
    {%- do return(normalized_text(text) if found.family == 'text' else text) -%}
{% endmacro %}


{#- SQL of the rows of `watched` whose value may be believed, and of that value. -#}
{% macro sound_rows(column, table) %}
    from watched
    left join cells as own
        on watched."row number" = own.record_number
        and own.column_name = {{ literal(column) }}
    where {{ column_sql(column, table).is_present }}
        and (own.is_bad is not true or own.canonical_value is not null)
{%- endmacro %}


{% macro sound_value(column, table) %}
    {%- do return('coalesce(own.canonical_value, ' ~ column_text(column, table).text ~ ')')
    -%}
{% endmacro %}


{#- What a row of `watched` speaks of, as one text, and the condition that it says so. -#}
{% macro _thing_key(thing, table) %}
    {%- set key, present = [], [] -%}
    {%- for name in thing -%}
        {%- set found = column_sql(name, table) -%}
        {%- do present.append(found.is_present) -%}
        {%- do key.append(found.text if name in table.key or found.family != 'text'
            else compared(name, table)) -%}
    {%- endfor -%}
    {%- do return(["concat_ws('|', " ~ key | join(', ') ~ ')', present | join(' and ')]) -%}
{% endmacro %}


{% macro _same_thing(column, thing, table, is_one_of_many=false) %}
    {%- set thing_key, is_told = _thing_key(thing, table) -%}
    {%- set source = column_text(table.source_system_column, table).text
        if table.source_system_column in table.columns
        and table.source_system_column not in table.not_supplied
        and table.source_system_column not in thing else "''" -%}
    {#- What the rows of one key say is known from the key. Of what merely looks alike, such
        as two products with one title, each key has one voice. -#}
    {%- set own_key, voices = [], 'count(*)' -%}
    {%- for name in table.key if name != table.source_system_column -%}
        {%- do own_key.append(column_text(name, table).text) -%}
    {%- endfor -%}
    {%- if thing in _meta_things(table) and column not in table.key and own_key -%}
        {%- set source = "''" -%}
        {%- set voices = "count(distinct concat_ws('|', " ~ own_key | join(', ') ~ '))' -%}
    {%- endif -%}
    {%- set says = literal((' rows' if voices == 'count(*)' else ' records')
        ~ ' with the same ' ~ thing | join(', ') ~ ' say so') -%}
    {#- With one key, the key is taken for right. Of several, one may be wrong itself, so
        each says no more than its rows are right in general, and the value that is there
        is heard beside them and not among them. What is wrong is another value by chance:
        the rarer a value, the more it means that two say it. #}
    {%- set says_own = '(not cells.is_bad or cells.canonical_value is not null)'
        ~ ' and voted.fact = ' ~ compared(column, table,
            value='coalesce(cells.canonical_value, ' ~ column_text(column, table).text ~ ')')
    %}
    {%- set is_heard = "(cells.is_bad or cells.flaw = 'label')" -%}
    {#- The share of the votes, as probabilities, of those who are not this row. #}
    {%- set others = 'exp(voted.log_odds - case when ' ~ says_own
        ~ ' then voted.row_log_odds else 0 end) / voted.all_odds' %}
    select
        {{ literal(column) }} as column_name,
        cells.record_number,
        {%- if is_one_of_many %}
        {#- Few rows are likely to be the same ones by another key, and count once. #}
        case
            when part.kind in ('found', 'usual') then part.kind
            when voted.rows_saying - cast({{ says_own }} as integer) < 3 then 'same_thing'
            else part.kind
        end as kind,
        voted.candidate,
        case part.kind
            when 'found' then voted.row_log_odds - ln(voted.fact_share)
            when 'usual' then ln(voted.fact_share)
            else ln(1 + exp(voted.row_log_odds) * {{ others }} / voted.fact_share)
        end as log_odds,
        case
            when part.kind = 'found' then 'it is there'
            when part.kind <> 'usual' then
                voted.rows_saying || ' of ' || voted.rows_asked || {{ says }}
        end as reason
        {%- else %}
        'same_thing' as kind,
        voted.candidate,
        {#- What a bad value's own form says, and a label to the model that doubts it, is
            evidence of another kind. #}
        voted.log_odds
        - case when {{ is_heard }} and {{ says_own }} then voted.row_log_odds else 0 end
            as log_odds,
        voted.rows_saying || ' of ' || voted.rows_asked || {{ says }} as reason
        {%- endif %}
    from watched
    inner join cells
        on watched."row number" = cells.record_number
        and cells.column_name = {{ literal(column) }}
    inner join (
        with said as (
            select
                {{ thing_key }} as thing,
                {{ compared(column, table, value=sound_value(column, table)) }} as fact,
                {{ source }} as source,
                {{ sound_value(column, table) }} as spelling,
                {{ voices }} as rows_saying
            {{ sound_rows(column, table) }} and {{ is_told }}
            group by all
        ),

        facts as (
            select
                thing,
                fact,
                first(spelling order by rows_saying desc, spelling) as candidate,
                sum(rows_saying) as rows_saying
            from said
            group by thing, fact
        ),

        things as (
            select
                *,
                sum(rows_saying) over (partition by thing) as rows_asked,
                max(rows_saying) over (partition by thing) as most,
            from facts
        ),

        ranked as (
            select
                *,
                count(*) over (partition by thing, rows_saying) as equals,
                count_if(rows_saying = most) over (partition by thing) > 1 as is_tied
            from things
        ),

        {#- How often each source is wrong: it says what fewer say, or is one of equals.
            Only of three sources on can one be told from another; what equals say then
            teaches nothing of either. #}
        sources as (
            select
                said.source,
                sum(said.rows_saying * case
                    when ranked.rows_saying < ranked.most then 1
                    else 1 - 1 / ranked.equals
                end) as errors,
                sum(said.rows_saying) as rows_saying,
                sum(said.rows_saying) filter (
                    where not ranked.is_tied and ranked.rows_saying < ranked.most
                ) as outvoted,
                sum(said.rows_saying) filter (where not ranked.is_tied) as rows_judged
            from said
            inner join ranked on said.thing = ranked.thing and said.fact = ranked.fact
            where ranked.rows_asked > 1
            group by said.source
        ),

        rated as (
            select
                said.source,
                least(0.45, greatest(0.0005, (
                    case when counted.sources > 2 then coalesce(sources.outvoted, 0)
                        else coalesce(counted.errors, 0) end + 0.5
                ) / (
                    case when counted.sources > 2 then coalesce(sources.rows_judged, 0)
                        else coalesce(counted.rows_saying, 0) end + 5
                ))) as error_rate
            from (select distinct source from said) as said
            left join sources on said.source = sources.source
            cross join (
                select
                    count(*) as sources,
                    sum(errors) as errors,
                    sum(rows_saying) as rows_saying
                from sources
            ) as counted
        ),

        weighed as (
            select
                said.thing,
                said.fact,
                least(20, sum(said.rows_saying
                    * ln((1 - rated.error_rate) / rated.error_rate))) as log_odds
            from said
            inner join rated on said.source = rated.source
            group by said.thing, said.fact
        )

        select
            ranked.*,
            weighed.log_odds,
            ln((1 - overall.error_rate) / overall.error_rate) as row_log_odds,
            1 + sum(exp(weighed.log_odds)) over (partition by ranked.thing) as all_odds,
            sum(ranked.rows_saying) over (partition by ranked.fact)
            / sum(ranked.rows_saying) over () as fact_share
        from ranked
        inner join weighed
            on ranked.thing = weighed.thing and ranked.fact = weighed.fact
        cross join (
            select
                least(0.45, greatest(0.0005, (coalesce(sum(errors), 0) + 0.5)
                    / (coalesce(sum(rows_saying), 0) + 5))) as error_rate
            from sources
        ) as overall
    ) as voted on {{ thing_key }} = voted.thing
    {%- if is_one_of_many %}
    inner join (
        values ({{ literal('same_thing ' ~ thing | join(', ')) }}), ('found'), ('usual')
    ) as part (kind)
        on case
            when part.kind = 'found' then not cells.is_bad and {{ says_own }}
            when part.kind = 'usual' then true
            else {{ others }} > 1e-4
        end
    {%- endif %}
    where {{ is_told }}
        and not ({{ is_heard }} and {{ says_own }} and voted.rows_saying = 1)
{% endmacro %}


{#-
What the preferred one of the rows says that speak of the same thing: of the source system
that goes first, and of the newest.
-#}
{% macro _preferred(column, thing, table) %}
    {%- set selects = [] -%}
    {%- set thing_key, is_told = _thing_key(thing, table) -%}
    {%- set orders = {} -%}
    {%- set day = slices(table).get('day') -%}
    {%- if day and column != table.day_column -%}
        {%- do orders.update({'newest': {'by': column_text(table.day_column, table).value,
            'where': column_text(table.day_column, table).value ~ ' is not null',
            'log_odds': 0.4, 'reason': 'the newest row says so'}}) -%}
    {%- endif -%}
    {%- set priority = var('source_priority', {}).get(table.feed, []) -%}
    {%- set source = slices(table).get('source_system') -%}
    {%- if priority and source -%}
        {%- set ranks, names = [], [] -%}
        {%- for name in priority -%}
            {%- do ranks.append('when ' ~ literal(name) ~ ' then -' ~ loop.index) -%}
            {%- do names.append(literal(name)) -%}
        {%- endfor -%}
        {%- do orders.update({'priority': {
            'by': 'case ' ~ source ~ ' ' ~ ranks | join(' ') ~ ' end',
            'where': source ~ ' in (' ~ names | join(', ') ~ ')',
            'log_odds': 12,
            'reason': 'of their source systems the one that goes first says so'}}) -%}
    {%- endif -%}
    {%- for kind, order in orders.items() -%}
        {%- set select -%}
    select
        {{ literal(column) }} as column_name,
        cells.record_number,
        {{ literal(kind) }} as kind,
        preferred.candidate,
        {{ order.log_odds }} as log_odds,
        {{ literal(order.reason) }} as reason
    from watched
    inner join cells
        on watched."row number" = cells.record_number
        and cells.column_name = {{ literal(column) }}
    inner join (
        select
            {{ thing_key }} as thing,
            first({{ sound_value(column, table) }}
                order by {{ order.by }} desc, {{ sound_value(column, table) }}
            ) as candidate
        {{ sound_rows(column, table) }} and {{ is_told }}
            and {{ order.where }}
        group by thing
        having count(distinct {{ compared(column, table,
            value=sound_value(column, table)) }}) > 1
    ) as preferred on {{ thing_key }} = preferred.thing
    where cells.is_contested and {{ is_told }}
        {%- endset -%}
        {%- do selects.append(select) -%}
    {%- endfor -%}
    {%- do return(selects) -%}
{% endmacro %}


{#- Where else the value of a column stands: (to, field, key) that can be read. -#}
{% macro _places(rule, table) %}
    {%- set places = [] -%}
    {%- for place in as_list(column_meta(rule.column, table).get('also_in')) -%}
        {%- set other = other_table(rule, 'ref("stg_' ~ place.to ~ '")'
            if place.to in feed_names() else 'ref("' ~ place.to ~ '")',
            place.get('field') or rule.column) -%}
        {%- if other.state == 'ready' -%}
            {%- do places.append({'other': other, 'key': as_list(place.key),
                'field': place.get('field') or rule.column, 'is_rival': false}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for node in rule_nodes(table.feed) if node.test_metadata.name == 'agrees_with'
        and node.test_metadata.kwargs.get('column_name') == rule.column
        and node.test_metadata.kwargs.get('to') -%}
        {%- set given = node.test_metadata.kwargs -%}
        {%- set other = other_table(rule, given.to, given.get('field') or rule.column) -%}
        {%- if other.state == 'ready' -%}
            {%- do places.append({'other': other, 'key': as_list(given.key),
                'field': given.get('field') or rule.column, 'is_rival': true}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set usable = [] -%}
    {%- for place in places
        if place.key | reject('in', table.columns) | list == []
        and place.key | select('in', table.not_supplied) | list == []
        and place.key | reject('in', place.other.table.columns) | list == []
        and place.key | select('in', place.other.table.not_supplied) | list == [] -%}
        {%- do usable.append(place) -%}
    {%- endfor -%}
    {%- do return(usable) -%}
{% endmacro %}


{% macro _other_table(column, place, table) %}
    {%- set other = place.other.table -%}
    {%- set present, our_key, their_key = [], [], [] -%}
    {%- for name in place.key -%}
        {%- do present.append(column_sql(name, table).is_present) -%}
        {%- do our_key.append(column_text(name, table).text) -%}
        {%- do their_key.append(column_text(name, other, 'other').text) -%}
    {%- endfor -%}
    {%- set our_key = "concat_ws('|', " ~ our_key | join(', ') ~ ')' -%}
    {%- set says = literal(' rows of ' ~ other.feed ~ ' with the same '
        ~ place.key | join(', ') ~ ' say so') -%}
    select
        {{ literal(column) }} as column_name,
        cells.record_number,
        'other_table' as kind,
        told.candidate,
        told.log_odds,
        told.rows_saying || ' of ' || told.rows_asked || {{ says }} as reason
    from watched
    inner join cells
        on watched."row number" = cells.record_number
        and cells.column_name = {{ literal(column) }}
    inner join (
        with said as (
            select
                concat_ws('|', {{ their_key | join(', ') }}) as thing,
                {{ compared(place.field, other, 'other') }} as fact,
                min({{ column_text(place.field, other, 'other').text }}) as candidate,
                count(*) as rows_saying
            from {{ place.other.from_sql }} as other
            where {{ column_sql(place.field, other, 'other').is_present }}
            group by all
        ),

        {#- What most rows there say; of equals none. #}
        told as (
            select
                thing,
                arg_max(fact, rows_saying) as fact,
                arg_max(candidate, rows_saying) as candidate,
                max(rows_saying) as rows_saying,
                sum(rows_saying) as rows_asked
            from said
            group by thing
            having count_if(rows_saying = (
                select max(most.rows_saying) from said as most
                where most.thing = said.thing
            )) = 1
        ),

        agreement as (
            select
                (count_if(told.fact = sound.fact) + 0.5) / (count(*) + 1) as share
            from (
                select
                    {{ our_key }} as thing,
                    {{ compared(column, table, value=sound_value(column, table)) }}
                        as fact
                {{ sound_rows(column, table) }} and {{ present | join(' and ') }}
            ) as sound
            inner join told on sound.thing = told.thing
        )

        select
            told.*,
            least(20, greatest(-20, ln(agreement.share / (1 - agreement.share))))
                as log_odds
        from told
        cross join agreement
    ) as told on {{ our_key }} = told.thing
    where {{ present | join(' and ') }}
    {%- if place.is_rival %}
    union all
    {#- Which of the two is right nothing says: the value that is there is as good. #}
    select
        {{ literal(column) }},
        cells.record_number,
        'found',
        cells.found_value,
        6,
        'it is there'
    from cells
    where cells.column_name = {{ literal(column) }} and not cells.is_bad
    {%- endif %}
{% endmacro %}


{% macro _usual_spelling(rule) %}
    {%- set peer = column_sql(rule.column, rule.table) -%}
    select
        {{ literal(rule.column) }} as column_name,
        cells.record_number,
        'spelling' as kind,
        spelled.candidate,
        5.3 as log_odds,
        'the spelling of ' || spelled.most || ' rows' as reason
    from cells
    inner join (
        select
            lower({{ peer.text }}) as fact,
            mode({{ peer.text }} order by {{ peer.text }}) as candidate,
            count(*) as most
        from watched
        where {{ peer.is_present }}
        group by fact
    ) as spelled on lower(cells.found_value) = spelled.fact
    where cells.column_name = {{ literal(rule.column) }}
        and cells.found_value <> spelled.candidate
{% endmacro %}


{% macro _key_of_another_spelling(rule) %}
    {%- set field = rule.arguments.get('field') or rule.column -%}
    {%- set other = other_table(rule, rule.arguments.to, field) -%}
    {%- set key = column_text(field, other.table, 'other').text -%}
    select
        {{ literal(rule.column) }} as column_name,
        cells.record_number,
        'spelling' as kind,
        keys.candidate,
        5.3 as log_odds,
        'the one key of ' || {{ literal(other.table.feed) }}
            || ' that reads so without letter case and white space' as reason
    from cells
    inner join (
        select
            {{ normalized_text(key) }} as fact,
            min({{ key }}) as candidate
        from {{ other.from_sql }} as other
        group by fact
        having count(distinct {{ key }}) = 1
    ) as keys on {{ normalized_text('cells.found_value') }} = keys.fact
    where cells.column_name = {{ literal(rule.column) }}
        and cells.flaw = 'orphan'
{% endmacro %}
