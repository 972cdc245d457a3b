{#-
Checks that a value, or a combination of columns, occurs once. Fails for the second and
each further row that holds it; what is missing in one row is like what is missing in
another, and rows in which all of the columns are missing are not checked. A row that
repeats the key of its table, where a rule looks at the key, is a repeat already and no
other rule counts it again.

- columns: the columns that together occur once; default: the column of the test
- normalized: compare texts without letter case and surplus white space; default false
- max_rate: share of failing rows up to which the rule passes, 0 to 1
- weight: weight of the rule within its component
- floor: {over, index}: where a greater share than `over` fails, the index of the table
  is at most `index`
-#}
{% test not_repeated(
    model, column_name=none, columns=none, normalized=false, max_rate=0, weight=1,
    floor=none
) %}
    {{ assay.verdict_of_rule() }}
{% endtest %}


{% macro not_repeated_takes() %}
    {%- do return({'component': 'repeat', 'arguments': {
        'columns': 'columns',
        'normalized': 'flag'
    }}) -%}
{% endmacro %}


{% macro not_repeated_rule(rule) %}
    {%- set columns = assay.as_list(rule.arguments.get('columns') or rule.column) -%}
    {%- set normalized = rule.arguments.get('normalized', false) -%}
    {%- set all_columns = columns -%}
    {#- A key column that is not supplied, as source_system often is, is no part of the
        key; any other column that is not supplied leaves the rule unmeasured. -#}
    {%- if columns == assay.as_list(rule.table.node.config.meta.get('key')) -%}
        {%- set columns = rule.table.key -%}
    {%- endif -%}
    {%- set update = {
        'flaw': 'repeat',
        'says': all_columns | join(', ') ~ ' occurs once'
            ~ (' (letter case and white space aside)' if normalized else '')
    } -%}
    {%- set present, texts, peers, not_null, conditions = [], [], [], [], [] -%}
    {%- for column in columns -%}
        {%- set problem = assay.column_state(column, rule.table) -%}
        {%- if problem -%}
            {%- do update.update(problem) -%}
        {%- else -%}
            {%- set found = assay.column_sql(column, rule.table) -%}
            {%- set peer = assay.column_sql(column, rule.table, 'peer') -%}
            {%- do present.append(found.is_present) -%}
            {%- do texts.append(found.text) -%}
            {%- for value in ([assay.normalized_text(peer.text)] if normalized
                else peer.exact) -%}
                {%- do peers.append(value if columns | length == 1
                    else 'case when ' ~ peer.is_present ~ ' then ' ~ value ~ ' end') -%}
            {%- endfor -%}
            {%- do not_null.append('not ' ~ peer.is_null) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not columns -%}
        {%- do update.update(assay.column_state(all_columns[0], rule.table)) -%}
    {%- endif -%}
    {%- if update.get('state') -%}
        {%- do return(update) -%}
    {%- endif -%}
    {%- do update.update({
        'applies': '(' ~ present | join(' or ') ~ ')',
        'found': texts[0] if texts | length == 1
            else "concat_ws(' | ', " ~ texts | join(', ') ~ ')'
    }) -%}
    {%- set is_key = columns == rule.table.key -%}
    {%- if is_key and not normalized and not rule.where -%}
        {%- do update.update({'peers': {'of': []}, 'fails': 'watched."row number" in ('
            ~ 'select record_number from repeated_keys where occurrence > 1)'}) -%}
    {%- else -%}
        {%- do conditions.append('(' ~ not_null | join(' or ') ~ ')') -%}
        {%- if rule.where -%}{%- do conditions.append('(' ~ rule.where
            ~ ')') -%}{%- endif -%}
        {%- if not is_key and assay._key_is_checked(rule.table) -%}
            {%- set no_key = [] -%}
            {%- for column in rule.table.key -%}
                {%- do no_key.append(
                    assay.column_sql(column, rule.table, 'peer').is_missing) -%}
            {%- endfor -%}
            {%- do conditions.append('(' ~ no_key | join(' and ')
                ~ ' or peer."row number"'
                ~ ' not in (select record_number from repeated_keys'
                ~ ' where occurrence > 1))') -%}
        {%- endif -%}
        {%- do update.update({
            'peers': {'of': peers, 'where': conditions[0], 'with': none},
            'fails': 'watched."row number" in ('
            ~ 'select record_number from ('
            ~ assay.repeated_rows(rule.table, peers, conditions | join(' and '))
            ~ ') where occurrence > 1)'}) -%}
    {%- endif -%}
    {%- do return(update) -%}
{% endmacro %}


{#- Whether a rule on the table finds every row that repeats its key. -#}
{% macro _key_is_checked(table) %}
    {%- for node in assay.rule_nodes(table.feed) if not node.config.where
        and node.test_metadata.name in ['not_repeated', 'unique'] -%}
        {%- set given = node.test_metadata.kwargs -%}
        {%- if assay.as_list(given.get('columns') or given.get('column_name'))
            == assay.as_list(table.node.config.meta.get('key'))
            and not given.get('normalized')
        -%}
            {%- do return(true) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(false) -%}
{% endmacro %}
