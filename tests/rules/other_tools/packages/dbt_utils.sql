-- Stand-ins for the tests of dbt_utils, with its arguments and conditions.
{% test unique_combination_of_columns(model, combination_of_columns, quote_columns=false) %}
    {%- set columns = combination_of_columns | map('string') | join(', ') -%}
    select {{ columns }} from {{ model }} group by {{ columns }} having count(*) > 1
{% endtest %}

{% test accepted_range(model, column_name, min_value=none, max_value=none, inclusive=true) %}
    select * from {{ model }}
    where false
    {%- if min_value is not none %}
        or not {{ column_name }} > {{- '=' if inclusive }} {{ min_value }}
    {%- endif %}
    {%- if max_value is not none %}
        or not {{ column_name }} < {{- '=' if inclusive }} {{ max_value }}
    {%- endif %}
{% endtest %}

{% test not_accepted_values(model, column_name, values, quote=true) %}
    select distinct {{ column_name }} from {{ model }}
    where {{ column_name }} in (
        {%- for value in values %}
        {{ "'" ~ value ~ "'" if quote else value }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{% endtest %}

{% test not_empty_string(model, column_name, trim_whitespace=true) %}
    select * from {{ model }}
    where {{ 'trim(' ~ column_name ~ ')' if trim_whitespace else column_name }} = ''
{% endtest %}

{% test not_null_proportion(
    model, column_name, at_least, at_most=1, group_by_columns=[]
) %}
    select * from (
        select count({{ column_name }}) / count(*) as not_null_proportion
        from {{ model }}
        {%- if group_by_columns %} group by {{ group_by_columns | join(', ') }}{% endif %}
    )
    where not_null_proportion < {{ at_least }} or not_null_proportion > {{ at_most }}
{% endtest %}

{% test relationships_where(
    model, column_name, to, field, from_condition='1=1', to_condition='1=1'
) %}
    select * from {{ model }} as ours
    left join (
        select {{ field }} as field from {{ to }} where {{ to_condition }}
    ) as theirs on ours.{{ column_name }} = theirs.field
    where ours.{{ column_name }} is not null and {{ from_condition }}
        and theirs.field is null
{% endtest %}

{% test expression_is_true(model, expression, column_name=none) %}
    select * from {{ model }} where not ({{ column_name or '' }} {{ expression }})
{% endtest %}
