-- Stand-ins for the tests of dbt_expectations, with its arguments and conditions.
{% macro is_true_of(model, expression, groups, row_condition, condition='= true') %}
    select * from (
        select {{ expression }} as expression from {{ model }}
        {%- if row_condition %} where {{ row_condition }}{% endif %}
        {%- if groups %} group by {{ groups | join(', ') }}{% endif %}
    )
    where not (expression {{ condition }})
{% endmacro %}

{% macro between(expression, min_value, max_value, strictly) -%}
    (true
    {%- if min_value is not none %}
        and {{ expression }} >{{ '' if strictly else '=' }} {{ min_value }}
    {%- endif %}
    {%- if max_value is not none %}
        and {{ expression }} <{{ '' if strictly else '=' }} {{ max_value }}
    {%- endif %})
{%- endmacro %}

{% test expect_column_values_to_be_between(
    model, column_name, min_value=none, max_value=none, row_condition=none, strictly=false
) %}
    {{ dbt_expectations.is_true_of(
        model, dbt_expectations.between(column_name, min_value, max_value, strictly), [],
        row_condition) }}
{% endtest %}

{% test expect_column_values_to_be_in_set(
    model, column_name, value_set, quote_values=true, row_condition=none
) %}
    select * from (
        select {{ column_name }} as value from {{ model }}
        {%- if row_condition %} where {{ row_condition }}{% endif %}
    ) as ours
    left join (
        {%- for value in value_set %}
        select {{ "'" ~ value ~ "'::varchar" if quote_values else value }} as value
        {%- if not loop.last %} union all{% endif %}
        {%- endfor %}
    ) as theirs on ours.value = theirs.value
    where theirs.value is null
{% endtest %}

{% test expect_column_values_to_match_regex(
    model, column_name, regex, row_condition=none, is_raw=false, flags=''
) %}
    {{ dbt_expectations.is_true_of(
        model, "regexp_matches(" ~ column_name ~ ", '" ~ regex ~ "', '" ~ flags ~ "')", [],
        row_condition) }}
{% endtest %}

{% test expect_column_values_to_not_be_null(model, column_name, row_condition=none) %}
    {{ dbt_expectations.is_true_of(
        model, column_name ~ ' is not null', [], row_condition) }}
{% endtest %}

{% test expect_compound_columns_to_be_unique(
    model, column_list, quote_columns=false, ignore_row_if='all_values_are_missing',
    row_condition=none
) %}
    {%- set columns = [] -%}
    {%- for column in column_list -%}
        {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor -%}
    {%- set op = ' and ' if ignore_row_if == 'all_values_are_missing' else ' or ' -%}
    select {{ columns | join(', ') }} from {{ model }}
    where {{ row_condition or 'true' }}
        and not ({{ columns | join(' is null' ~ op) }} is null)
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}

{% test expect_table_row_count_to_be_between(
    model, min_value=none, max_value=none, group_by=none, row_condition=none,
    strictly=false
) %}
    {{ dbt_expectations.is_true_of(
        model, dbt_expectations.between('count(*)', min_value, max_value, strictly),
        group_by, row_condition) }}
{% endtest %}

{% test expression_is_true(
    model, expression, test_condition='= true', group_by_columns=none, row_condition=none
) %}
    {{ dbt_expectations.is_true_of(
        model, expression, group_by_columns, row_condition, test_condition) }}
{% endtest %}
