{#-
What rows are counted by: source_system, category and issue_day as texts, none of them
null, because a null stands for "all" once they are grouped.
-#}
{% macro slice_keys() -%}
    coalesce(source_system, '(missing)') as source_system,
        coalesce(category, '(missing)') as category,
        coalesce(cast(issue_day as varchar), '(missing)') as issue_day
{%- endmacro %}


{#- Which slice a group of the grouping sets over those three is: slice_type, slice_value. -#}
{% macro slice_of_group() -%}
    case
            when grouping(source_system) = 0 then 'source_system'
            when grouping(category) = 0 then 'category'
            when grouping(issue_day) = 0 then 'day'
            else 'all'
        end as slice_type,
        case
            when grouping(source_system) = 0 then source_system
            when grouping(category) = 0 then category
            when grouping(issue_day) = 0 then issue_day
        end as slice_value
{%- endmacro %}
