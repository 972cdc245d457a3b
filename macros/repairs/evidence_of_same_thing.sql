{#-
The lists of columns any of which tells that two rows speak of the same thing, as far as
a column is concerned: the keys of an `agrees_with`, `same_thing` in the table's `meta`,
and the key of several source systems without the source system.
-#}
{% macro same_things(column, table) %}
    {%- set lists, usable = assay._meta_things(table), [] -%}
    {%- for given in assay.agreements(column, table) if not given.get('to') -%}
        {%- do lists.append(assay.as_list(given.key)) -%}
    {%- endfor -%}
    {%- if table.source_system_column in table.key -%}
        {%- do lists.append(assay._own_key(table)) -%}
    {%- endif -%}
    {%- for list in lists if list and list not in usable and column not in list
        and assay.has_columns(list, table) -%}
        {%- do usable.append(list) -%}
    {%- endfor -%}
    {%- do return(usable) -%}
{% endmacro %}


{% macro _own_key(table) %}
    {%- do return(table.key | reject('equalto', table.source_system_column) | list) -%}
{% endmacro %}


{#- What `same_thing` under `meta` of a table names: columns, or lists of columns. -#}
{% macro _meta_things(table) %}
    {%- set lists = [] -%}
    {%- for list in table.node.config.meta.get('same_thing', []) -%}
        {%- do lists.append(assay.as_list(list)) -%}
    {%- endfor -%}
    {%- do return(lists) -%}
{% endmacro %}


{#-
What the rows say that speak of the same thing. With one key, the key is taken for
right. Of several, one may be wrong itself, so each is a kind of its own and says no more
than its rows are right in general; the value that is there is heard beside them.
-#}
{% macro evidence_of_same_thing(column, thing, table, is_one_of_many) %}
    {%- set key = assay.key_of_thing(thing, table) -%}
    {#- What the rows of one key say is known from the key. Of what merely looks alike,
        such as two products with one title, each key has one voice. -#}
    {%- set voices = assay.key_of_thing(assay._own_key(table), table).text
        if assay._own_key(table)
        and thing in assay._meta_things(table) and column not in table.key -%}
    {%- set reason = "rows_saying || ' of ' || rows_asked || " ~ assay.literal(
        (' records' if voices else ' rows') ~ ' with the same ' ~ thing | join(', ')
        ~ ' say so') %}
        with {{ assay._votes(column, thing, key, table, voices) }},

        {#- What a bad value's own form says, and a label to the model that doubts it,
            is evidence of another kind. #}
        heard as (
            select
                asked.record_number,
                asked.is_bad,
                asked.is_bad or asked.flaw = 'label' as is_heard_elsewhere,
                asked.is_sound and voted.fact = asked.fact as is_own,
                exp(voted.log_odds - case when is_own then voted.row_log_odds else 0 end)
                / voted.all_odds as share_of_others,
                voted.*
            from (
                {{ assay.asked_cells(column, key, table) }}
            ) as asked
            inner join voted on asked.thing = voted.thing
            where not (is_heard_elsewhere and is_own and voted.rows_saying = 1)
        )
    {% if is_one_of_many %}
        {{ assay._by_one_of_many_keys(thing, reason) }}
        union all
        {{ assay._found_value() }}
        union all
        {{ assay._usual_value() }}
    {%- else %}
        {{ assay._by_the_key(reason) }}
    {%- endif -%}
{% endmacro %}


{#- The votes without that of the row itself, where it is heard elsewhere. -#}
{% macro _by_the_key(reason) -%}
        select
            record_number,
            'same_thing' as kind,
            candidate,
            log_odds
            - case when is_heard_elsewhere and is_own then row_log_odds else 0 end
                as log_odds,
            {{ reason }} as reason
        from heard
{%- endmacro %}


{#-
The share of the votes, as probabilities, of those who are not this row. What is wrong
is another value by chance: the rarer a value, the more it means that two say it. Few
rows are likely to be the same ones by another key, and count once.
-#}
{% macro _by_one_of_many_keys(thing, reason) -%}
        select
            record_number,
            case
                when rows_saying - cast(is_own as integer) < 3 then 'same_thing'
                else {{ assay.literal('same_thing ' ~ thing | join(', ')) }}
            end as kind,
            candidate,
            ln(1 + exp(row_log_odds) * share_of_others / fact_share) as log_odds,
            {{ reason }} as reason
        from heard
        where share_of_others > 1e-4
{%- endmacro %}


{#- The value that is there, which is right as often as any row is. -#}
{% macro _found_value() -%}
        select
            record_number,
            'found' as kind,
            candidate,
            row_log_odds - ln(fact_share) as log_odds,
            'it is there' as reason
        from heard
        where not is_bad and is_own
{%- endmacro %}


{#- How often a value occurs at all. -#}
{% macro _usual_value() -%}
        select
            record_number,
            'usual' as kind,
            candidate,
            ln(fact_share) as log_odds,
            null as reason
        from heard
{%- endmacro %}


{#-
What is said of each thing, as CTEs of which the last is `voted`: one row per thing and
fact, with the log odds that all who say so are right, and that any one row is.
-#}
{% macro _votes(column, thing, key, table, voices) %}
    {%- set source = "''" if voices or table.source_system_column in thing
        else assay.slices(table).get('source_system', "''") -%}
    {%- set more = {'source': source} -%}
    {%- if voices -%}
        {%- do more.update({'voice': voices}) -%}
    {%- endif -%}
        said as (
            select
                thing,
                fact,
                source,
                spelling,
                count({{ 'distinct voice' if voices else '*' }}) as rows_saying
            from (
                {{ assay.sound_rows(column, key, table, more) }}
            ) as sound
            group by thing, fact, source, spelling
        ),

        facts as (
            select
                thing,
                fact,
                first(spelling order by rows_saying desc, spelling) as candidate,
                sum(rows_saying) as rows_saying,
                sum(sum(rows_saying)) over (partition by thing) as rows_asked,
                max(sum(rows_saying)) over (partition by thing) as most
            from said
            group by thing, fact
        ),

        ranked as (
            select
                *,
                count(*) over (partition by thing, rows_saying) as equals,
                count_if(rows_saying = most) over (partition by thing) > 1 as is_tied
            from facts
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

        {#- How much better than by chance those agree that merely look alike (Cohen's
            kappa): where they agree as any two rows do, what most of them say is only
            what is usual, and no evidence. #}
        trust as (
            {%- if voices %}
            select
                coalesce(greatest(0, (agreement - chance) / nullif(1 - chance, 0)), 0)
                    as trust
            from (
                select
                    sum(rows_saying * (rows_saying - 1) / (rows_asked - 1))
                    / sum(rows_saying) as agreement
                from facts
                where rows_asked > 1
            ) as found
            cross join (
                select sum(power(share, 2)) as chance
                from (
                    select sum(rows_saying) / sum(sum(rows_saying)) over () as share
                    from facts
                    where rows_asked > 1
                    group by fact
                )
            ) as expected
            {%- else %}
            select 1 as trust
            {%- endif %}
        ),

        overall as (
            select
                count(*) as sources,
                any_value(trust.trust) as trust,
                any_value(trust.trust)
                * {{ assay._row_log_odds('sum(errors)',
                    'sum(rows_saying)') }} as row_log_odds
            from sources
            cross join trust
        ),

        weighed as (
            select
                said.thing,
                said.fact,
                least(20, sum(said.rows_saying * case
                    when overall.sources > 2 then overall.trust * {{ assay._row_log_odds(
                        'sources.outvoted', 'sources.rows_judged') }}
                    else overall.row_log_odds
                end)) as log_odds
            from said
            left join sources on said.source = sources.source
            cross join overall
            group by said.thing, said.fact
        ),

        voted as (
            select
                ranked.*,
                weighed.log_odds,
                overall.row_log_odds,
                1 + sum(exp(weighed.log_odds)) over (partition by ranked.thing)
                    as all_odds,
                sum(ranked.rows_saying) over (partition by ranked.fact)
                / sum(ranked.rows_saying) over () as fact_share
            from ranked
            inner join weighed
                on ranked.thing = weighed.thing and ranked.fact = weighed.fact
            cross join overall
        )
{%- endmacro %}


{#- The log odds that a row is right, of so many errors in so many rows. -#}
{% macro _row_log_odds(errors, rows) %}
    {%- set rate = 'least(0.45, greatest(0.0005, (coalesce(' ~ errors
        ~ ', 0) + 0.5) / (coalesce(' ~ rows ~ ', 0) + 5)))' -%}
    {%- do return('ln((1 - ' ~ rate ~ ') / ' ~ rate ~ ')') -%}
{% endmacro %}


{#-
What the row says whose source system the var `source_priority` names first: such a
declaration goes before all counting.
-#}
{% macro evidence_of_priority(column, thing, table) %}
    {%- set names = [] -%}
    {%- for name in assay.setting('source_priority').get(table.feed, []) -%}
        {%- do names.append(assay.literal(name)) -%}
    {%- endfor -%}
    {%- set source = assay.slices(table).get('source_system') -%}
    {%- if names and source -%}
        {{- assay._preferred(column, thing, table, 'priority', 12,
            'of their source systems the one that goes first says so',
            '-nullif(list_position([' ~ names | join(', ') ~ '], ' ~ source
            ~ '), 0)') }}
    {%- endif -%}
{% endmacro %}


{#- What the newest row says, which weighs little: it breaks ties. None is of a time to come. -#}
{% macro evidence_of_newest(column, thing, table) %}
    {%- set time = assay.time_sql(assay.column_text(table.day_column, table))
        if assay.slices(table).get('day') and column != table.day_column -%}
    {%- if time -%}
        {{- assay._preferred(column, thing, table, 'newest', 0.4,
            'the newest row says so',
            'case when ' ~ time ~ ' <= ' ~ assay.as_of() ~ ' then ' ~ time ~ ' end') }}
    {%- endif -%}
{% endmacro %}


{#- What the one of the rows that disagree about a thing says that is preferred. -#}
{% macro _preferred(column, thing, table, kind, log_odds, reason, preference) %}
    {%- set key = assay.key_of_thing(thing, table) -%}
        with preferred as (
            select
                thing,
                first(spelling order by preference desc, spelling) as candidate
            from (
                {{ assay.sound_rows(column, key, table, {'preference': preference}) }}
            ) as sound
            where preference is not null
            group by thing
            having count(distinct fact) > 1
        )

        select
            asked.record_number,
            {{ assay.literal(kind) }} as kind,
            preferred.candidate,
            {{ log_odds }} as log_odds,
            {{ assay.literal(reason) }} as reason
        from (
            {{ assay.asked_cells(column, key, table) }}
        ) as asked
        inner join preferred on asked.thing = preferred.thing
        where asked.is_contested
{%- endmacro %}
