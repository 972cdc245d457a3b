{#-
Checks the quality index of the table it stands on, or of the whole shop where it stands
on `fct_quality_index`. Fails when the index is under its floor, or was not measured: of a
feed that is not supplied only where the var `not_measured` is `fail`.

- floor: the lowest index that passes, 0 to 1
-#}
{% test index_above(model, floor) %}
    {%- set table = tested_table(context.model) -%}
    {%- set feed = table[4:] if table.startswith('stg_') else table -%}
    {%- set is_shop = table == 'fct_quality_index' -%}
select
    gated.scope_type,
    gated.feed,
    quality_index.quality_index,
    {{ floor }} as index_floor
from (
    select
        '{{ 'shop' if is_shop else 'feed' }}' as scope_type,
        {{ literal(none if is_shop else feed) }} as feed
) as gated
left join {{ ref('fct_quality_index') }} as quality_index
    on
        gated.scope_type = quality_index.scope_type
        and gated.feed is not distinct from quality_index.feed
where
    quality_index.quality_index < {{ floor }}
    {#- A build with --empty measures nothing. -#}
    {%- if not flags.EMPTY and (is_shop or is_supplied(feed) or not_measured_fails(feed))
    %}
    or ({{ floor }} > 0 and quality_index.quality_index is null)
    {%- endif %}
{% endtest %}
