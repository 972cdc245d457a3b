{#-
What the kinds of rules have in common that python_ml evaluates: whether a label is what
the texts say. Such a rule has no condition that a failing row meets. The rows it checks,
with their labels and texts, are those of int_labeled_rows; what becomes of them there is
in `text` and, where a label is about two texts, `other_text` of `rule.learns`.
-#}
{% macro learned_rule(rule, component, texts) %}
    {%- set update = {'component': component, 'flaw': 'label'} -%}
    {%- set sql, says, conditions, reads = [], [], [rule.is_present], [] -%}
    {%- for name in texts -%}
        {%- set found = assay._labeled_text(rule, rule.arguments[name]) -%}
        {%- if found.state != 'ready' -%}
            {%- do update.update(found) -%}
        {%- else -%}
            {%- do sql.append(found.sql) -%}
            {%- do says.append(found.says) -%}
            {%- do conditions.append(found.is_present) -%}
            {%- do reads.extend(found.reads) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if assay.setting('encoder') == 'none' and not update.state -%}
        {%- do update.update({'state': 'not measured', 'reason':
            'learned rules are switched off: the var encoder is none'}) -%}
    {%- endif -%}
    {%- do update.update({
        'says': rule.column ~ ' is what ' ~ says | join(' and ') ~ ' say'
            ~ ('' if says | length > 1 or ',' in says | join else 's'),
        'learns': {'text': sql[0], 'other_text': sql[1]},
        'applies': conditions | join(' and '),
        'reads': reads
    }) -%}
    {%- do return(update) -%}
{% endmacro %}


{#-
A text of a row: of its own columns, or of the row of another table with the same key.
Where several rows there have the key, as products of several source systems do, the
first of their texts in the order of the alphabet.
-#}
{% macro _labeled_text(rule, argument) %}
    {%- if argument is mapping -%}
        {%- do return(assay._text_of_another_table(rule, argument)) -%}
    {%- endif -%}
    {%- set parts, present, columns, missing = [], [], [], [] -%}
    {%- for column in assay.as_list(argument) -%}
        {%- set problem = assay.column_state(column, rule.table) -%}
        {%- if problem -%}
            {%- do missing.append(problem) -%}
        {%- else -%}
            {%- set found = assay.column_sql(column, rule.table) -%}
            {%- do columns.append(column) -%}
            {%- do present.append(found.is_present) -%}
            {%- do parts.append('case when ' ~ found.is_present ~ ' then ' ~ found.text
                ~ ' end') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for problem in missing if problem.state == 'error' or not columns -%}
        {%- do return(problem) -%}
    {%- endfor -%}
    {%- do return({
        'state': 'ready',
        'sql': parts[0] if parts | length == 1
            else "concat_ws(' ', " ~ parts | join(', ') ~ ')',
        'is_present': '(' ~ present | join(' or ') ~ ')',
        'says': columns | join(', '),
        'reads': []
    }) -%}
{% endmacro %}


{% macro _text_of_another_table(rule, argument) %}
    {%- set other = assay.other_table(rule, argument.to, argument.field) -%}
    {%- set conditions = [] -%}
    {%- for column in assay.as_list(argument.key) if other.state == 'ready' -%}
        {%- set problem = assay.column_state(column, rule.table)
            or assay.column_state(column, other.table) -%}
        {%- if problem -%}
            {%- do return(problem) -%}
        {%- endif -%}
        {%- do conditions.append(assay.column_sql(column, rule.table).is_present) -%}
        {%- do conditions.append(assay.column_text(column, other.table, 'other').text
            ~ ' = '
            ~ assay.column_text(column, rule.table).text) -%}
    {%- endfor -%}
    {%- if other.state != 'ready' -%}
        {%- do return(other) -%}
    {%- endif -%}
    {%- set text = assay.column_sql(argument.field, other.table, 'other') -%}
    {%- set sql = '(select min(' ~ text.text ~ ') from ' ~ other.from_sql
        ~ ' as other where ' ~ (conditions + [text.is_present]) | join(' and ')
        ~ ')' -%}
    {%- do return({
        'state': 'ready',
        'sql': sql,
        'is_present': sql ~ ' is not null',
        'says': 'the ' ~ argument.field ~ ' of ' ~ argument.to,
        'reads': [other.unique_id]
    }) -%}
{% endmacro %}
