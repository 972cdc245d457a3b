{#- What other spellings of the same value say that a failing cell should hold. -#}
{% macro spelling_evidence() %}
    {{- assay.of_watched_tables(assay._spelling_evidence, {
        'feed': 'varchar', 'column_name': 'varchar', 'record_number': 'bigint',
        'candidate': 'varchar', 'log_odds': 'double', 'reason': 'varchar'}) }}
{% endmacro %}


{% macro _spelling_evidence(table) %}
    {%- set selects = [] -%}
    {%- for rule in assay.rules_of_failing_columns(table) -%}
        {%- if rule.flaw == 'format' and rule.arguments.get('is') == 'one_spelling' -%}
            {%- do selects.append(assay._usual_spelling(rule)) -%}
        {%- elif rule.flaw == 'orphan' -%}
            {%- do selects.append(assay._key_spelling(rule)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#-
The most used spelling of the same value, as surely as its lead is no chance: that more
than half of all rows prefer it to the one that is found, from a uniform prior (so 2 to 1
is .69, 8 to 1 is .99).
-#}
{% macro _usual_spelling(rule) %}
    {%- set found = assay.column_sql(rule.column, rule.table) -%}
        select
            cells.column_name,
            cells.record_number,
            spelled.candidate,
            {{ assay.log_odds(assay._chance_of_lead('spelled.most',
                'spelled.fewer')) }} as log_odds,
            'the spelling of ' || spelled.most || ' rows, against ' || spelled.fewer
                as reason
        from {{ ref('assay', 'int_failing_cells') }} as cells
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
        where cells.feed = {{ assay.literal(rule.table.feed) }}
            and cells.column_name = {{ assay.literal(rule.column) }}
            and cells.found_value <> spelled.candidate
{%- endmacro %}


{#-
The probability, in [0, 0.995], that a share is above one half of which `more` and `fewer`
rows were seen, from a uniform prior: that of a Beta(more + 1, fewer + 1), which is that
of a binomial. Of many rows the normal distribution is near enough to the bound.
-#}
{% macro _chance_of_lead(more, fewer) %}
    {%- set rows = '(' ~ more ~ ' + ' ~ fewer ~ ' + 1)' -%}
    {%- do return('least(0.995, case when ' ~ fewer ~ ' > 200 then case when ' ~ more
        ~ ' - ' ~ fewer ~ ' > 3 * sqrt(' ~ rows ~ ') then 0.995 else 0.5 end'
        ~ ' else 1 - list_sum(list_transform(range(cast(' ~ fewer ~ ' as bigint) + 1),'
        ~ ' lambda i: exp(lgamma(' ~ rows ~ ' + 1.0) - lgamma(i + 1.0) - lgamma('
        ~ rows ~ ' - i + 1.0) - ' ~ rows ~ ' * ln(2)))) end)') -%}
{% endmacro %}


{#- The key that another table spells otherwise. -#}
{% macro _key_spelling(rule) %}
    {%- set other = assay.other_table(rule, rule.arguments.to,
        rule.arguments.get('field') or rule.column) -%}
    {%- set key = assay.column_text(rule.arguments.get('field') or rule.column,
        other.table,
        'other').text -%}
        select
            cells.column_name,
            cells.record_number,
            keys.candidate,
            5.3 as log_odds,
            'the one key of ' || {{ assay.literal(other.table.feed) }}
                || ' that reads so without letter case and white space' as reason
        from {{ ref('assay', 'int_failing_cells') }} as cells
        inner join (
            select
                {{ assay.normalized_text(key) }} as value_key,
                min({{ key }}) as candidate
            from {{ other.from_sql }} as other
            group by all
            having count(distinct {{ key }}) = 1
        ) as keys on {{ assay.normalized_text('cells.found_value') }} = keys.value_key
        where cells.feed = {{ assay.literal(rule.table.feed) }}
            and cells.column_name = {{ assay.literal(rule.column) }} and cells.flaw = 'orphan'
{%- endmacro %}
