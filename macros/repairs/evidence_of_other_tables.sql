{#-
Where else the value of a column stands, as `also_in` of its `meta` says, or an
`agrees_with`, by which the two tables are rivals: (other, field, key) that can be read.
-#}
{% macro other_places(rule, table) %}
    {%- set told, places = [], [] -%}
    {%- for place in assay.as_list(assay.column_meta(rule.column,
        table).get('also_in')) -%}
        {%- do told.append([place, false,
            'ref("' ~ ('stg_' if place.to in assay.feed_names() else '') ~ place.to
            ~ '")'])
        -%}
    {%- endfor -%}
    {%- for given in assay.agreements(rule.column, table) if given.get('to') -%}
        {%- do told.append([given, true, given.to]) -%}
    {%- endfor -%}
    {%- for given, is_rival, to in told -%}
        {%- set field, key = given.get('field') or rule.column,
            assay.as_list(given.key) -%}
        {%- set other = assay.other_table(rule, to, field) -%}
        {%- if other.state == 'ready' and assay.has_columns(key, table)
            and assay.has_columns(key, other.table) -%}
            {%- do places.append(dict(
                other, field=field, key=key, is_rival=is_rival)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(places) -%}
{% endmacro %}


{#-
What most rows of another table say, right as often as it agrees with what is sound.
Which of two rivals is right nothing says: the value that is there is as good.
-#}
{% macro evidence_of_other_table(column, place, table) %}
    {%- set other, field = place.table, place.field -%}
    {%- set key = assay.key_of_thing(place.key, table, exact=place.key) -%}
    {%- set theirs = assay.column_sql(field, other, 'other') -%}
        with said as (
            select
                {{ assay.key_of_thing(place.key, other, 'other',
                    exact=place.key).text }}
                    as thing,
                {{ assay.compared(field, other, 'other') }} as fact,
                min({{ theirs.text }}) as candidate,
                count(*) as rows_saying
            from {{ place.from_sql }} as other
            where {{ theirs.is_present }}
            group by all
        ),

        {#- Of equals none. #}
        told as (
            select
                thing,
                arg_max(fact, rows_saying) as fact,
                arg_max(candidate, rows_saying) as candidate,
                max(rows_saying) as most,
                sum(rows_saying) as rows_asked
            from said
            group by thing
            having max(rows_saying, 2)[1] is distinct from max(rows_saying, 2)[2]
        ),

        agreement as (
            select
                (count_if(told.fact = sound.fact) + 0.5) / (count(*) + 1) as share
            from (
                {{ assay.sound_rows(column, key, table) }}
            ) as sound
            inner join told on sound.thing = told.thing
        )

        select
            asked.record_number,
            'other_table' as kind,
            told.candidate,
            least(20, greatest(-20, ln(agreement.share / (1 - agreement.share))))
                as log_odds,
            told.most || ' of ' || told.rows_asked || {{ assay.literal(' rows of '
                ~ other.feed
                ~ ' with the same ' ~ place.key | join(', ') ~ ' say so') }} as reason
        from (
            {{ assay.asked_cells(column, key, table) }}
        ) as asked
        inner join told on asked.thing = told.thing
        cross join agreement
    {%- if place.is_rival %}
        union all
        select
            record_number,
            'found' as kind,
            found_value as candidate,
            6 as log_odds,
            'it is there' as reason
        from cells
        where column_name = {{ assay.literal(column) }} and not is_bad
    {%- endif %}
{%- endmacro %}


{#-
The most used spelling of the same value, as surely as its lead is no chance: that more
than half of all rows prefer it to the one that is found, from a uniform prior (so 2 to 1
is .69, 8 to 1 is .99).
-#}
{% macro evidence_of_usual_spelling(rule) %}
    {%- set found = assay.column_sql(rule.column, rule.table) -%}
        select
            cells.record_number,
            'spelling' as kind,
            spelled.candidate,
            {{ assay.log_odds(assay.chance_of_lead('spelled.most',
                'spelled.fewer')) }} as log_odds,
            'the spelling of ' || spelled.most || ' rows, against ' || spelled.fewer
                as reason
        from cells
        inner join (
            select
                spelling,
                count(*) as fewer,
                max(count(*)) over (partition by lower(spelling)) as most,
                first(spelling) over (
                    partition by lower(spelling) order by count(*) desc, spelling
                ) as candidate
            from (
                select {{ found.text }} as spelling
                from watched
                where {{ found.is_present }}
            ) as spellings
            group by spelling
        ) as spelled on cells.found_value = spelled.spelling
        where cells.column_name = {{ assay.literal(rule.column) }}
            and cells.found_value <> spelled.candidate
{%- endmacro %}


{#-
The probability, in [0, 0.995], that a share is above one half of which `more` and `fewer`
rows were seen, from a uniform prior: that of a Beta(more + 1, fewer + 1), which is that
of a binomial. Of many rows the normal distribution is near enough to the bound.
-#}
{% macro chance_of_lead(more, fewer) %}
    {%- set rows = '(' ~ more ~ ' + ' ~ fewer ~ ' + 1)' -%}
    {%- do return('least(0.995, case when ' ~ fewer ~ ' > 200 then case when ' ~ more
        ~ ' - ' ~ fewer ~ ' > 3 * sqrt(' ~ rows ~ ') then 0.995 else 0.5 end'
        ~ ' else 1 - list_sum(list_transform(range(cast(' ~ fewer ~ ' as bigint) + 1),'
        ~ ' lambda i: exp(lgamma(' ~ rows ~ ' + 1.0) - lgamma(i + 1.0) - lgamma('
        ~ rows ~ ' - i + 1.0) - ' ~ rows ~ ' * ln(2)))) end)') -%}
{% endmacro %}


{#- The key that another table spells otherwise. -#}
{% macro evidence_of_key_spelling(rule) %}
    {%- set other = assay.other_table(rule, rule.arguments.to,
        rule.arguments.get('field') or rule.column) -%}
    {%- set key = assay.column_text(rule.arguments.get('field') or rule.column,
        other.table,
        'other').text -%}
        select
            cells.record_number,
            'spelling' as kind,
            keys.candidate,
            5.3 as log_odds,
            'the one key of ' || {{ assay.literal(other.table.feed) }}
                || ' that reads so without letter case and white space' as reason
        from cells
        inner join (
            select
                {{ assay.normalized_text(key) }} as fact,
                min({{ key }}) as candidate
            from {{ other.from_sql }} as other
            group by all
            having count(distinct {{ key }}) = 1
        ) as keys on {{ assay.normalized_text('cells.found_value') }} = keys.fact
        where cells.column_name = {{ assay.literal(rule.column) }} and cells.flaw = 'orphan'
{%- endmacro %}
