with proposals as (
    select
        feed,
        column_name,
        record_number,
        rule_name,
        method,
        'change' as action,
        found_value,
        proposed_value,
        reason
    from {{ ref('int_value_repairs') }}
    union all
    select
        feed,
        column_name,
        record_number,
        rule_name,
        method,
        action,
        found_value,
        cast(null as varchar) as proposed_value,
        reason
    from {{ ref('int_row_repairs') }}
),

rules as (
    select * from {{ ref('int_rules') }}
),

sources as (
    select distinct
        feed,
        rule_name,
        record_number,
        source_system
    from {{ ref('int_issues') }}
    where record_number is not null
),

told as (
    select
        proposals.*,
        coalesce(proposals.column_name, rules.column_name, 'row') as subject,
        rules.description,
        sources.source_system,
        -- The first piece of evidence, without what is of this row alone.
        regexp_replace(
            regexp_replace(split_part(proposals.reason, '; ', 1), '^\d+ of \d+ ', ''),
            '\d+',
            'n',
            'g'
        ) as kind_of_reason,
        count(*) over (
            partition by proposals.feed, proposals.rule_name, proposals.found_value
        ) as rows_naming,
        count(*) over (
            partition by
                proposals.feed,
                proposals.rule_name,
                proposals.column_name,
                proposals.action,
                proposals.found_value,
                proposals.proposed_value
        ) as rows_alike
    from proposals
    left join rules on proposals.rule_name = rules.rule_name
    left join sources
        on
            proposals.feed = sources.feed
            and proposals.rule_name = sources.rule_name
            and proposals.record_number = sources.record_number
),

-- What the rows of a group have in common.
grouped as (
    select
        *,
        case
            when action = 'drop' then kind_of_reason
            when action in ('quarantine', 'empty') and method = 'orphan'
                then case when rows_naming > 1 then 'a gap' else 'a stray key' end
            when action in ('quarantine', 'empty') then 'the rule'
            when method = 'missing' then 'from ' || coalesce(source_system, '')
            when rows_alike > 1 then found_value || ' -> ' || proposed_value
            else kind_of_reason
        end as common
    from told
),

identified as (
    select
        *,
        method || ':' || left(
            md5(concat_ws(
                '|',
                feed,
                coalesce(column_name, ''),
                rule_name,
                action,
                common
            )),
            12
        ) as cause_id
    from grouped
),

named as (
    select
        cause_id,
        first(found_value order by rows_naming desc, found_value) as example,
        count(distinct found_value) - 1 as other_values
    from identified
    group by cause_id
)

select
    identified.feed,
    identified.column_name,
    identified.record_number,
    identified.rule_name,
    identified.action,
    identified.cause_id,
    regexp_replace(case
        when identified.common in ('a gap', 'a stray key')
            then
                identified.subject || ' ' || left(named.example, 60)
                || case
                    when named.other_values = 0 then ''
                    when named.other_values = 1 then ' and 1 other'
                    else ' and ' || format('{:,}', named.other_values) || ' others'
                end
                || case
                    when identified.common = 'a gap'
                        then ': the other table may lack '
                    else ': in no other row, and the other table lacks '
                end
                || case when named.other_values = 0 then 'it' else 'them' end
        when identified.common = 'the rule'
            then 'it does not hold that ' || identified.description
        when identified.action = 'drop' then identified.common
        when identified.method = 'missing' and identified.source_system is not null
            then
                identified.subject || ' of source ' || identified.source_system
                || ' is missing'
        when identified.method = 'missing' then identified.subject || ' is missing'
        when identified.rows_alike > 1
            then
                identified.subject || ': ' || left(identified.found_value, 60)
                || ' -> ' || left(identified.proposed_value, 60)
        else identified.subject || ': ' || identified.common
    end, '\s+', ' ', 'g') as cause
from identified
inner join named on identified.cause_id = named.cause_id
