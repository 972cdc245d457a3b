{#-
SQL of what is judged as a whole: of `watched`, or of each group of its rows, a row with
member (the group), source_system, and what the rates and texts are made of.

- groups: expressions that make a group; none for the whole table, which is there even
  without a row
- measures: name -> aggregate
- rate: SQL of the rate of failing, from 0 to 1, over these names
- found: SQL of the value found
- by_source: the groups are source systems; without one the table is one
- condition: of the rows looked at, besides the rule's `where`
- others: a relation with the same members and further names, which may lack some
-#}
{% macro judged_groups(rule, groups, measures, rate, found, by_source=false,
    condition=none, others=none) %}
    {%- set member = assay.literal(none) if not groups
        else 'cast(' ~ groups[0] ~ ' as varchar)' if groups | length == 1
        else "concat_ws(' | ', " ~ groups | join(', ') ~ ')' -%}
    {%- set rows = 'watched' -%}
    {%- set conditions = [] -%}
    {%- for one in [rule.where, condition] if one -%}
        {%- do conditions.append('(' ~ one ~ ')') -%}
    {%- endfor -%}
    {%- if conditions -%}
        {%- set rows = rows ~ ' where ' ~ conditions | join(' and ') -%}
    {%- endif -%}
    {%- set selected = [member ~ ' as member'] -%}
    {%- for name, aggregate in measures.items() -%}
        {%- do selected.append(aggregate ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {%- set counted = 'select ' ~ selected | join(', ') ~ ' from ' ~ rows -%}
    {%- if groups -%}
        {%- set counted = counted ~ ' group by ' ~ groups | join(', ') -%}
    {%- endif -%}
    {%- if by_source and not others -%}
        {#- A table without rows has no source system: it is judged as one. -#}
        {%- set selected = ['null'] + measures.values() | list -%}
        {%- set counted = counted ~ ' union all select ' ~ selected | join(', ')
            ~ ' from ' ~ rows ~ ' having count(*) = 0' -%}
    {%- endif -%}
    {%- set source = '(' ~ counted ~ ') as ours' -%}
    {%- set member = 'ours.member' -%}
    {%- if others -%}
        {%- set source = source ~ ' full join (' ~ others ~ ') as theirs'
            ~ ' on ours.member is not distinct from theirs.member' -%}
        {%- set member = 'coalesce(ours.member, theirs.member)' -%}
    {%- endif -%}
    {%- do return('select ' ~ member ~ ' as member, '
        ~ (member if by_source else assay.literal(none)) ~ ' as source_system, '
        ~ 'coalesce(' ~ rate ~ ', 0) as rate, cast(' ~ found
        ~ ' as varchar) as found from ' ~ source) -%}
{% endmacro %}


{#-
The groups of a rule that judges each source system by itself (`per: source_system`), as a
list of SQL, empty for a table that is judged as one; or an update for the rule where the
table has no source systems.
-#}
{% macro source_systems(rule) %}
    {%- set column = rule.table.source_system_column -%}
    {%- if rule.arguments.get('per') is none -%}
        {%- do return([]) -%}
    {%- elif not column -%}
        {%- do return({'state': 'error', 'reason': '`per` needs `source_system` under'
            ~ ' `config.meta` of ' ~ rule.table.node.name}) -%}
    {%- elif assay.column_state(column, rule.table) -%}
        {%- do return(assay.column_state(column, rule.table)) -%}
    {%- endif -%}
    {%- do return([assay.column_text(column, rule.table).text]) -%}
{% endmacro %}
