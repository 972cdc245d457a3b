{#-
Checks that things of several keys differ in what is said of them, as products do that are
not listed twice under two ids. Fails for every row whose key is not the first of those with
the same words in all of the texts (in any order, without letter case and punctuation) and
the same numbers. Where contents that three keys or more share have more such keys than those
that two share, they name kinds of things and no things, and nothing is checked.

- by: the column, or list of columns, by which they are told apart. The first must be
  supplied and there, as a title is; of the others those that are supplied are compared
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test told_apart(model, column_name, by, max_rate=0, weight=1, floor=none) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro told_apart_takes() %}
    {%- do return({'component': 'repeat', 'arguments': {'by': 'columns required'}}) -%}
{% endmacro %}


{% macro told_apart_rule(rule) %}
    {%- set by = assay.as_list(rule.arguments.by) -%}
    {%- set update = {'says': rule.column ~ ' is told apart by ' ~ by | join(', ')} -%}
    {%- for column in by -%}
        {%- set problem = assay.column_state(column, rule.table) or {} -%}
        {%- if problem.state == 'error' or (problem and loop.first) -%}
            {%- do update.update(problem) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if update.state or rule.state != 'ready' -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- set contents, present = [], [rule.is_present] -%}
    {%- for column in by if not assay.column_state(column, rule.table) -%}
        {%- set found = assay.column_sql(column, rule.table) -%}
        {%- if loop.first -%}
            {%- do present.append(found.is_present) -%}
        {%- endif -%}
        {%- do contents.append('case when ' ~ found.is_present ~ ' then ' ~ (
            'list_sort(' ~ assay.words_of(found.text) ~ ')' if found.family == 'text'
            else found.value) ~ ' end') -%}
    {%- endfor -%}
    {%- set keyed -%}
        select
            "row number" as record_number,
            {{ rule.as_key }} as member,
            min({{ rule.as_key }}) over of_content as first_member,
            count(distinct {{ rule.as_key }}) over of_content as members
        from watched
        where {{ present | join(' and ') }}
            {%- if rule.where %} and ({{ rule.where }}){% endif %}
        window of_content as (partition by {{ contents | join(', ') }})
    {%- endset -%}
    {%- do update.update({
        'applies': present | join(' and ')
            ~ ' and (select count(distinct member) filter (where member <> first_member'
            ~ ' and members > 2) <= count(distinct member) filter (where member <>'
            ~ ' first_member and members = 2) from (' ~ keyed ~ ') as keyed)',
        'fails': 'watched."row number" in (select record_number from (' ~ keyed
            ~ ') as keyed where member <> first_member)'
    }) -%}
    {%- do return(update) -%}
{% endmacro %}
