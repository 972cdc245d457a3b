{#-
Says at the end of a run why no duplicate was looked for, and warns where merges take away
more than a twentieth of the products: one line each.
-#}
{% macro notes_on_merges(results) %}
    {%- for result in results if result.node.resource_type == 'model'
        and result.status == 'success' -%}
        {%- if result.node.name == 'int_product_duplicates' -%}
            {%- for note in run_query('select distinct note from '
                ~ result.node.relation_name ~ ' where note is not null order by 1'
            ).columns[0].values() -%}
                {%- do log('Near duplicates: ' ~ note ~ '.', info=true) -%}
            {%- endfor -%}
        {%- elif result.node.name == 'int_product_crosswalk' -%}
            {%- set counts = run_query(
                'select count(*) filter (where integrated_product_id <> product_id),'
                ~ ' count(*) from ' ~ result.node.relation_name
            ).rows[0] -%}
            {%- if counts[0] > 0.05 * counts[1] -%}
                {%- do log('Warning: ' ~ counts[0] ~ ' of ' ~ counts[1]
                    ~ ' products are merged into others, more than 5 %: look at them in'
                    ~ " fct_repairs (method near_duplicate) before you rely on them.",
                    info=true) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}
