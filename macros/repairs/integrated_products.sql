{#-
One row per product over all source systems and listings. Of the values of a column one
survives, as `survivorship` under `config.meta` of the column says:

most_frequent   the value of most listings; of equals that of the most recent (the default)
most_recent     the value of the listing that changed last
min             the smallest value, max the largest; a time to come is none
-#}
{% macro integrated_products() %}
    {%- do assay.only_with_feeds('products') -%}
    {%- do assay.contract_of_repaired() -%}
-- depends_on: {{ ref('assay', 'repaired_products') }}
-- depends_on: {{ ref('assay', 'int_product_texts') }}
-- depends_on: {{ ref('assay', 'int_product_merges') }}
    {%- if not execute -%}
        {%- do return('') -%}
    {%- endif -%}
    {%- set table = assay.watched_table('products',
        assay.what_is_known('repaired_')) -%}
    {%- set said, surviving = [], [] -%}
    {%- for column in table.columns if column not in ['product_id', 'source_system',
        'record_number'] and not column.endswith('_as_found') -%}
        {%- set survivorship = assay.column_meta(column, table).get('survivorship',
            'most_frequent') -%}
        {%- set present = assay.column_sql(column, table, 'other').is_present -%}
        {%- set value = 'other.' ~ assay.quoted(column) -%}
        {%- set newest = 'case when other.updated_at <= ' ~ assay.as_of()
            ~ ' then other.updated_at end desc nulls last, ' ~ value -%}
        {%- if survivorship == 'min' -%}
            {%- set sql = 'min(' ~ value ~ ')' -%}
        {%- elif survivorship == 'max' -%}
            {%- set sql = 'max(' ~ value ~ ')' ~ (' filter (where ' ~ value ~ ' <= '
                ~ assay.as_of() ~ ')' if assay.column_text(column,
                table).family == 'time' else '') -%}
        {%- elif survivorship == 'most_recent' -%}
            {%- set sql = 'first(' ~ value ~ ' order by ' ~ newest ~ ') filter (where '
                ~ present ~ ')' -%}
        {%- else -%}
            {%- do said.append('count(*) over (partition by'
                ~ ' crosswalk.integrated_product_id, ' ~ value ~ ') as '
                ~ assay.quoted(column ~ ' is said')) -%}
            {%- set sql = 'first(' ~ value ~ ' order by other.'
                ~ assay.quoted(column ~ ' is said') ~ ' desc, ' ~ newest
                ~ ') filter (where '
                ~ present ~ ')' -%}
        {%- endif -%}
        {%- do surviving.append(sql ~ ' as ' ~ assay.quoted(column)) -%}
    {%- endfor %}

with crosswalk as (
    {{ assay.product_crosswalk(ref('assay', 'int_product_texts'),
        ref('assay', 'int_product_merges')) }}
),

products as (
    select
        other.*,
        {%- for sql in said %}
        {{ sql }},
        {%- endfor %}
        crosswalk.integrated_product_id
    from {{ ref('assay', 'repaired_products') }} as other
    inner join crosswalk on other.product_id = crosswalk.product_id
)

select
    other.integrated_product_id as product_id,
    {{ surviving | join(',\n    ') }},
    count(*) as listings,
    count(distinct other.product_id) as product_ids,
    count(distinct other.source_system) as source_systems
from products as other
group by other.integrated_product_id
{% endmacro %}
