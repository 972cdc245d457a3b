{#-
Rows of the seed of calibrated weights that cannot be followed, the first ten, and sums that
are not 1; none where the weights are those by hand.
-#}
{% macro calibrated_weight_problems() %}
    {%- set problems = [] -%}
    {%- set given = load_relation(ref('quality_weights_calibrated')) -%}
    {%- set by_hand = load_relation(ref('quality_weights')) -%}
    {%- if assay.setting('quality_weights') != 'calibrated' or given is none
        or by_hand is none -%}
        {%- do return(problems) -%}
    {%- endif -%}
    {%- set feeds, rules = [], [] -%}
    {%- for feed in (assay.feeds_of_contract() + assay.watched_tables()) | unique -%}
        {%- do feeds.append(assay.literal(feed)) -%}
    {%- endfor -%}
    {%- for table in assay.watched_tables() -%}
        {%- for node in assay.rule_nodes(table) -%}
            {%- set component = node.config.meta.get('component')
                or assay.takes_of_kind(node.test_metadata.name).component -%}
            {%- do rules.append([assay.literal(node.name), assay.literal(table),
                assay.literal(component)] | join(', ')) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set query -%}
        with components (dimension, component) as (
            values
            {%- for dimension, of_dimension in assay.components().items() %}
            {%- for component in of_dimension %}
            ('{{ dimension }}', '{{ component }}'),
            {%- endfor %}
            {%- endfor %}
            (null, null)
        ),

        rules (rule_name, feed, component) as (
            values ({{ (rules + ['null, null, null']) | join('), (') }})
        ),

        given as (
            select
                *,
                try_cast(weight as double) as number,
                count(*) over (
                    partition by feed, dimension, component, rule_name
                ) as times
            from {{ given }}
        ),

        by_hand as (
            {%- for dimension in assay.components() %}
            select feed, '{{ dimension }}' as dimension, {{ dimension }} as number
            from {{ by_hand }}
            union all
            {%- endfor %}
            select feed, null, feed_weight from {{ by_hand }}
        ),

        judged as (
            select
                concat_ws(
                    ', ', given.feed, given.dimension, given.component, given.rule_name
                ) as place,
                case
                    when given.feed is null then 'it names no feed'
                    when given.feed not in ({{ feeds | join(', ') }})
                        then 'there is no feed or watched table of that name'
                    when given.dimension is null
                        and coalesce(given.component, given.rule_name) is not null
                        then 'it names no dimension'
                    when given.dimension not in (
                        select dimension from components where dimension is not null
                    ) then given.dimension || ' is no dimension; there are {{
                        assay.components() | join(', ') }}'
                    when given.component is null and given.rule_name is not null
                        then 'it names no component'
                    when given.component is not null and not exists (
                        select 1 from components
                        where
                            components.dimension = given.dimension
                            and components.component = given.component
                    ) then given.component || ' is no component of ' || given.dimension
                    when given.rule_name is not null and rules.rule_name is null
                        then 'there is no rule of that name'
                    when rules.feed <> given.feed or rules.component <> given.component
                        then 'the rule is one of ' || rules.feed || ', ' || rules.component
                    when given.times > 1 then 'it stands in ' || given.times || ' rows'
                    when coalesce(
                        not isfinite(given.number) or given.number < 0, true
                    ) then 'weight must be a number of at least 0, not '
                        || coalesce(given.weight, 'empty')
                end as problem
            from given
            left join rules on given.rule_name = rules.rule_name
        ),

        found as (
            select distinct place, problem
            from judged
            where problem is not null
            order by all
            limit 10
        ),

        -- What weighs together: the feeds, and the dimensions of each feed.
        beside as (
            select
                coalesce(given.feed, by_hand.feed) as feed,
                coalesce(given.dimension, by_hand.dimension) as dimension,
                coalesce(given.number, by_hand.number) as number
            from by_hand
            full join (select * from given where component is null) as given
                on
                    by_hand.feed = given.feed
                    and by_hand.dimension is not distinct from given.dimension
        ),

        totals as (
            select
                case when dimension is not null then feed end as place,
                sum(number) as total
            from beside
            group by all
        )

        select place, problem from found
        union all
        select
            place,
            case
                when place is null then 'the weights of the feeds'
                else 'the weights of the four dimensions'
            end || ' must sum to 1, not ' || round(total, 6)
        from totals
        where not exists (select 1 from found) and not abs(total - 1) <= 0.000001
    {%- endset -%}
    {%- set rows = run_query(query).rows -%}
    {%- for place, problem in rows -%}
        {%- do problems.append('Seed quality_weights_calibrated'
            ~ (', ' ~ place if place else '') ~ ': ' ~ problem ~ '.') -%}
    {%- endfor -%}
    {%- if not run_query('select 1 from ' ~ given ~ ' limit 1').rows -%}
        {%- do problems.append('Var quality_weights is calibrated, but the seed'
            ~ ' quality_weights_calibrated has no row.') -%}
    {%- endif -%}
    {%- do return(problems) -%}
{% endmacro %}
