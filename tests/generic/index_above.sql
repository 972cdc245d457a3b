{#-
Checks the quality index of the table it stands on, or of the whole shop where it stands
on `fct_quality_index`. Fails when the index is under its floor, or was not measured for a
table that has rows.

- floor: the lowest index that passes, 0 to 1
-#}
{% test index_above(model, floor) %}
    {{ index_scope(context.model, floor) }}
    and coalesce(quality_index, 0) < {{ floor }}
    and rows_checked > 0
{% endtest %}


{#- The row of the index that a test of a table asks for: its feed, or the whole shop. -#}
{% macro index_scope(test, floor) %}
    {%- if not is_finite_number(floor) or floor < 0 or floor > 1 -%}
        {%- do exceptions.raise_compiler_error(test.name
            ~ ': floor must be a number from 0 to 1, not ' ~ shown(floor)) -%}
    {%- endif -%}
    {%- set table = tested_table(test) -%}
select
    scope_type,
    feed,
    measured_weight,
    quality_index
from {{ ref('fct_quality_index') }}
where
    {%- if table == 'fct_quality_index' %}
    scope_type = 'shop'
    {%- else %}
    scope_type = 'feed'
    and feed = '{{ table[4:] if table.startswith('stg_') else table }}'
    {%- endif %}
{% endmacro %}
