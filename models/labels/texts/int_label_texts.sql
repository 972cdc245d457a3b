{{ config(materialized='view') }}

with texts as (
    select
        rule_name,
        text_hash,
        labeled_text
    from {{ ref('int_labeled_rows') }}
    where text_hash is not null
    union all
    select
        rule_name,
        other_text_hash as text_hash,
        other_text as labeled_text
    from {{ ref('int_labeled_rows') }}
    where other_text is not null
)

select
    rule_name,
    text_hash,
    any_value(labeled_text) as labeled_text,
    row_number() over (partition by rule_name order by text_hash) as text_rank
from texts
group by rule_name, text_hash
