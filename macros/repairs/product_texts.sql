{#-
The repaired products, one row per id: the key of its first record, the source system if
all its records are of one, and what it is told by, one attribute a line: the columns that
`match_on` under `config.meta` of stg_products names. The first of them is the title:
without it a product has no text.
-#}
{% macro product_texts() %}
    {%- do assay.only_with_feeds('products') -%}
-- depends_on: {{ ref('assay', 'repaired_products') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set table = assay.watched_table('products',
        assay.what_is_known('repaired_')) -%}
    {%- set lines = [] -%}
    {%- set match_on = assay.as_list(table.node.config.meta.get(
        'match_on')) -%}
    {%- set title = match_on | first -%}
    {%- set has_title = title in table.columns and title not in table.not_supplied -%}
    {%- for column in match_on if has_title and column in table.columns
        and column not in table.not_supplied -%}
        {%- do lines.append('coalesce(min(' ~ assay.column_text(column, table,
            'other').text
            ~ ") filter (where " ~ assay.column_sql(column, table, 'other').is_present
                ~ "), '')") -%}
    {%- endfor %}

select
    other.product_id,
    {#- Without a key there is no id, and no row. -#}
    min({{ assay.record_key(table, 'other') if table.key else assay.literal(none)
        }}) as record_key,
    case
        when count(distinct other.source_system) = 1 then min(other.source_system)
    end as source_system,
    {{ "concat_ws(chr(10), " ~ lines | join(', ') ~ ')' if lines
        else assay.literal(none) }}
        as product_text
from {{ ref('assay', 'repaired_products') }} as other
where other.product_id is not null
group by other.product_id
{% endmacro %}
