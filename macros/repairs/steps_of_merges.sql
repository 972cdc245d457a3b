{#-
Where the merges of a query lead to, step by step: one row per feed, thing and what it
reaches. `merges` is the name of the query: feed, thing, merged_into.
-#}
{% macro steps_of_merges(merges) %}
    with recursive steps as (
        select
            feed,
            thing,
            merged_into as reached
        from {{ merges }}
        union
        select
            steps.feed,
            steps.thing,
            further.merged_into as reached
        from steps
        inner join {{ merges }} as further
            on steps.feed = further.feed and steps.reached = further.thing
    )

    select * from steps
{% endmacro %}
