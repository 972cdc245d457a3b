{#-
Checks the quality index of the table it stands on, or of the whole shop where it stands
on `fct_quality_index`. Fails when the index is under its floor, or was not measured: of a
feed that is not supplied only where the var `not_measured` is `fail`.

- floor: the lowest index that passes, 0 to 1
-#}
{% test index_above(model, floor) %}
    {%- set scope = assay.index_scope(context.model, floor) %}
{{ scope.row }}
where
    quality_index.quality_index < {{ floor }}
    {%- if scope.is_judged %}
    or ({{ floor }} > 0 and quality_index.quality_index is null)
    {%- endif %}
{% endtest %}


{#-
The row of the index that a test of a table asks for, of its feed or of the whole shop, as
a select from `quality_index`; and whether nothing measured is a failure there.
-#}
{% macro index_scope(test, floor) %}
    {%- if execute and (not assay.is_finite_number(floor) or floor < 0 or floor > 1) -%}
        {%- do exceptions.raise_compiler_error(test.name
            ~ ': floor must be a number from 0 to 1, not ' ~ assay.shown(floor)) -%}
    {%- endif -%}
    {%- set table = assay.tested_table(test) -%}
    {%- set feed = table[4:] if table.startswith('stg_')
        and table[4:] in assay.feed_names() else table -%}
    {%- set is_shop = table == 'fct_quality_index' -%}
    {%- set row %}
select
    gated.scope_type,
    gated.feed,
    quality_index.measured_weight,
    quality_index.quality_index,
    {{ floor }} as floor
from (
    select
        '{{ 'shop' if is_shop else 'feed' }}' as scope_type,
        {{ assay.literal(none if is_shop else feed) }} as feed
) as gated
left join {{ ref('assay', 'fct_quality_index') }} as quality_index
    on
        gated.scope_type = quality_index.scope_type
        and gated.feed is not distinct from quality_index.feed
    {%- endset -%}
    {#- A build with --empty measures nothing. -#}
    {%- do return({
        'row': row,
        'is_judged': not flags.EMPTY
            and (is_shop or assay.is_supplied(feed) or assay.not_measured_fails(feed))
    }) -%}
{% endmacro %}
