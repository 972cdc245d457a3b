{#-
Checks how many rows there are, in the table or of each source system. Fails, once for the
table or source system, when they are fewer or more than asked for; its rate is the share
that is missing, or is too much: half of the rows that should be there are a rate of 0.5.
Give one at least of:

- min, max: how many rows there are at least, and at most
- of: another table that has as many, as in `ref('stg_products')`

and if need be:

- tolerance: largest difference from `of`, as a share of its rows, that still passes
- per: `source_system`: each source system is counted by itself, in `of` as well
- max_rate: rate up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test row_count(
    model, min=none, max=none, of=none, tolerance=0, per=none, max_rate=0, weight=1,
    floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro row_count_takes() %}
    {%- do return({'component': 'coverage', 'arguments': {
        'min': 'number',
        'max': 'number',
        'of': 'table',
        'tolerance': 'number',
        'per': 'source_system'
    }}) -%}
{% endmacro %}


{% macro row_count_rule(rule) %}
    {%- set given = rule.arguments -%}
    {%- set says, rates = [], ['0'] -%}
    {%- if 'min' in given -%}
        {%- do says.append('at least ' ~ given.min) -%}
        {%- do rates.append('1 - coalesce(row_count, 0) / nullif(' ~ given.min
            ~ ', 0)') -%}
    {%- endif -%}
    {%- if 'max' in given -%}
        {%- do says.append('at most ' ~ given.max) -%}
        {%- do rates.append('1 - ' ~ given.max ~ ' / nullif(row_count, 0)') -%}
    {%- endif -%}
    {%- set tolerance = given.get('tolerance', 0) -%}
    {%- if 'of' in given -%}
        {%- do says.append('as many as ' ~ given.of
            ~ (', but for ' ~ (100 * tolerance) | round(6) ~ ' %' if tolerance
            else '')) -%}
        {%- do rates.append(
            'case when abs(coalesce(row_count, 0) - coalesce(other_rows, '
            ~ '0)) > ' ~ tolerance ~ ' * coalesce(other_rows, 0) then 1 - least('
            ~ 'coalesce(row_count, 0), coalesce(other_rows, 0))'
            ~ ' / greatest(row_count, other_rows) end') -%}
    {%- endif -%}
    {%- set update = {'says': (rule.table.feed if 'per' not in given
        else 'each source system of ' ~ rule.table.feed) ~ ' has '
        ~ (says | join(' and ') or 'enough') ~ ' rows'} -%}
    {%- set groups = assay.source_systems(rule) -%}
    {%- if not says -%}
        {%- do update.update({'state': 'error', 'reason':
            'row_count needs one of min, max, of'}) -%}
    {%- elif 'tolerance' in given and 'of' not in given -%}
        {%- do update.update({'state': 'error', 'reason':
            'tolerance needs `of`, of whose rows it is a share'}) -%}
    {%- elif given.get('min', 0) > given.get('max', given.get('min', 0)) -%}
        {%- do update.update({'state': 'error', 'reason': 'min ' ~ given.min
            ~ ' is above max ' ~ given.max ~ ': no number is between'}) -%}
    {%- elif groups is mapping -%}
        {%- do update.update(groups) -%}
    {%- endif -%}
    {%- set others, column = none, rule.table.source_system_column -%}
    {%- if 'of' in given and not update.state -%}
        {%- set other = assay.other_table(rule, given.of, column if groups
            else none) -%}
        {%- if other.state != 'ready' -%}
            {%- do update.update(other) -%}
        {%- else -%}
            {%- set theirs = assay.column_text(column, other.table, 'other').text
                if groups
                else assay.literal(none) -%}
            {%- do update.update({'reads': [other.unique_id]}) -%}
            {%- set others = 'select ' ~ theirs
                ~ ' as member, count(*) as other_rows from '
                ~ other.from_sql ~ ' as other' ~ (' group by ' ~ theirs if groups
                else '')
            -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not update.state -%}
        {%- do update.update({
            'judged': assay.judged_groups(rule, groups, {'row_count': 'count(*)'},
                'greatest(' ~ rates | join(', ') ~ ')',
                'coalesce(row_count, 0)' ~ (" || ' of ' || coalesce(other_rows, 0)"
                    if others else ''),
                by_source=groups != [], others=others),
            'judged_by': given.get('per')
        }) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}
