{{ reads_watched_tables() }}

with issues as (
    select
        feed,
        column_name,
        record_number,
        record_key,
        occurrence,
        rule_name,
        flaw,
        flaw_rank
    from {{ ref('int_cell_issues') }}
    union all
    select
        feed,
        column_name,
        record_number,
        record_key,
        occurrence,
        rule_name,
        'label' as flaw,
        {{ flaws_of_cells().index('label') }} as flaw_rank
    from {{ ref('int_judged_rows') }}
    where is_suspect
),

flaws as (
    select
        feed,
        column_name,
        record_number,
        max(record_key) as record_key,
        max(occurrence) as occurrence,
        first(rule_name order by flaw_rank, rule_name) as rule_name,
        first(flaw order by flaw_rank) as flaw,
        bool_or(flaw not in ('disagreement', 'label')) as is_bad,
        bool_or(flaw = 'disagreement') as is_contested,
        string_agg(rule_name, ', ' order by rule_name) as rule_names
    from issues
    group by feed, column_name, record_number
),

cells as (
    {{ cell_values() }}
)

select
    flaws.feed,
    flaws.column_name,
    flaws.record_number,
    flaws.record_key,
    flaws.occurrence,
    flaws.rule_name,
    flaws.flaw,
    flaws.is_bad,
    flaws.is_contested,
    flaws.rule_names,
    cells.is_compared,
    cells.found_value,
    cells.own_text
from flaws
inner join cells
    on
        flaws.feed = cells.feed
        and flaws.column_name = cells.column_name
        and flaws.record_number = cells.record_number
