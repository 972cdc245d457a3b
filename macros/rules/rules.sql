{#-
The rules of one watched table, from the tests in its YAML: all, or the learned ones, or
those of some columns.
A test is a rule if its kind is one of kinds_of_rules(): `<its name>_takes` says the
component and what the arguments must be, `<its name>_rule` describes the rule.
Returns a list of dicts:

name, kind, column, arguments, where, severity, meta, weight, max_rate, floor   as in the YAML
dimension, component, says     what the kind of rule stands for; `meta` overrides
fails        SQL condition that a failing row meets (rules about rows)
applies      SQL condition of the rows it checks, and `applies_to` a name for them
found        SQL text of the value found
error_probability   SQL of how likely a failing row is what is wrong
expected     SQL of the set that must occur (rules about coverage)
judged       SQL of what is judged as a whole, the table or each part of it: `member`
             (null of the table), `source_system`, `rate` from 0 to 1, and what was `found`
judged_by    source_system, where each source system is judged by itself
newest       SQL of the time whose newest value is judged, and `cycle_seconds`
learns       SQL of the texts from which python_ml learns what the value should be
flaw         what a failing value or row is to a repair: missing, format, impossible, orphan,
             disagreement, label or repeat; none for what no change of a row can mend
because      SQL of why a row of `issues` cannot be, for the reason of its repair
proof        SQL of how surely a failing row of `watched` itself, and not the rule or the rest
             of the data, is what is wrong, 0 to 1; none where nothing but the rule says so
proven_to    rate of failing rows up to which the proof holds; none for any
state        ready, not measured (a column or feed it needs is not supplied), not
             applicable (no value that the column can hold fails it), or error
reason       why it is not ready, in words
peers        what tells which rows it judges together: {'of': list of SQL, 'where': condition
             or none, 'with': condition that one of them meets, or none}; see dependencies()
other        what it looks up in another table: {'table', 'ours' and 'theirs' (SQL of the key),
             'value' (SQL of what is read there), 'from_sql'}
tally        of rules about coverage, what they ask of all rows: `value` and `sql`, how many
             rows hold each (value, row_count)
ages         times, and seconds after each, at which the verdict on a row changes
asks_whether_missing   column -> condition, of the columns that it asks of, and
expressions  expression -> its type, of the one that it stands on: what watched_rows() writes
-#}
{% macro rules(table, learned_only=false, only_columns=none) %}
    {%- set rules, kept = [], assay.kept_for_run('rules ' ~ table.known.version) -%}
    {%- for node in assay.rule_nodes(table.feed)
        if (not learned_only or assay.takes_of_kind(node.test_metadata.name).texts)
        and (only_columns is none
            or assay.tested_column(node, table) in only_columns) -%}
        {%- set rule = kept.get(node.unique_id) or assay._rule(node, table) -%}
        {#- It may look at other tables: they must be settled too. -#}
        {%- if node.unique_id not in kept
            and table.known.tables.values() | rejectattr('is_settled') | list == [] -%}
            {%- do kept.update({node.unique_id: rule}) -%}
        {%- endif -%}
        {%- do table.is_missing.update(rule.asks_whether_missing) -%}
        {%- do table.expressions.update(rule.expressions) -%}
        {%- do rules.append(dict(rule, table=table)) -%}
    {%- endfor -%}
    {%- do return(rules) -%}
{% endmacro %}


{% macro _rule(node, table) %}
    {%- set arguments = {} -%}
    {%- for key, value in node.test_metadata.kwargs.items()
        if key not in ['model', 'column_name'] -%}
        {%- do arguments.update({key: value}) -%}
    {%- endfor -%}
    {%- set rule = {
        'name': node.name,
        'kind': node.test_metadata.name,
        'column': assay.tested_column(node, table),
        'arguments': arguments,
        'table': table,
        'where': node.config.where,
        'severity': node.config.severity | lower,
        'meta': node.config.meta,
        'applies': 'true',
        'fails': none,
        'found': assay.literal(none),
        'error_probability': 'cast(1 as double)',
        'expected': none,
        'judged': none,
        'judged_by': none,
        'newest': none,
        'cycle_seconds': none,
        'floor': none,
        'learns': none,
        'flaw': none,
        'because': none,
        'proof': none,
        'proven_to': none,
        'reads': [],
        'peers': none,
        'other': none,
        'tally': none,
        'ages': [],
        'state': 'ready',
        'reason': none
    } -%}
    {%- set asked_before, expressions_before = dict(table.is_missing),
        dict(table.expressions) -%}
    {%- do table.is_missing.clear() -%}
    {%- do table.expressions.clear() -%}
    {%- do rule.update(
        dict.fromkeys(['value', 'text', 'as_key', 'type', 'family'], 'null')) -%}
    {%- do rule.update(dict.fromkeys(['is_null', 'is_missing', 'is_present'],
        'false')) -%}
    {%- if rule.column is not none and rule.column not in table.columns
        and rule.column not in table.not_supplied -%}
        {%- set type = assay.type_of_expression(rule.column, table) -%}
        {%- do table.expressions.update({rule.column: type} if type else {}) -%}
    {%- endif -%}
    {%- if rule.column is not none -%}
        {%- set missing_column = assay.column_state(rule.column, table) -%}
        {%- if missing_column -%}
            {%- do rule.update(missing_column) -%}
        {%- else -%}
            {%- do rule.update(assay.column_sql(rule.column, table)) -%}
            {%- do rule.update({'found': rule.text}) -%}
        {%- endif -%}
    {%- endif -%}
    {%- set takes = assay.takes_of_kind(rule.kind) -%}
    {%- set problem = assay.argument_problem(rule, takes.arguments) -%}
    {%- do rule.update({'component': takes.component}) -%}
    {%- if problem -%}
        {%- do rule.update({'state': 'error', 'reason': problem,
            'says': (rule.column or table.feed) ~ ' is ' ~ rule.kind}) -%}
    {%- else -%}
        {%- do rule.update(assay.learned_rule(rule, takes.component, takes.texts)
            if takes.texts else assay.rule_of_kind(rule)) -%}
    {%- endif -%}
    {%- if rule.where and rule.state == 'ready' and not assay.can_run(
        'select 1 from ' ~ table.relation ~ ' where ' ~ rule.where) -%}
        {%- do rule.update({'state': 'error',
            'reason': 'where cannot be evaluated: ' ~ rule.where}) -%}
    {%- endif -%}
    {%- set components = assay.components() -%}
    {%- for dimension, of_dimension in components.items()
        if rule.component in of_dimension -%}
        {%- do rule.update({'dimension': dimension}) -%}
    {%- endfor -%}
    {%- set dimension = node.config.meta.get('dimension', rule.dimension) -%}
    {%- set component = node.config.meta.get('component', rule.component) -%}
    {%- if component in components.get(dimension, []) -%}
        {%- do rule.update({'dimension': dimension, 'component': component}) -%}
    {%- else -%}
        {%- do rule.update({'state': 'error', 'reason': 'meta: ' ~ component
            ~ ' is no component of ' ~ dimension}) -%}
    {%- endif -%}
    {%- for setting, default in {'weight': 1, 'max_rate': 0}.items() -%}
        {%- set given = arguments.get(setting, node.config.meta.get(
            setting, rule.get(setting, default))) -%}
        {%- do rule.update({setting: given}) -%}
        {%- if not assay.is_finite_number(given) or given < 0
            or (setting == 'max_rate' and given > 1) -%}
            {%- do rule.update({setting: default, 'state': 'error',
                'reason': setting ~ ' must be a number of at least 0'
                ~ (' and at most 1' if setting == 'max_rate' else '') ~ ', not '
                ~ assay.shown(given)})
            -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'floor' in arguments or 'floor' in node.config.meta -%}
        {%- set floor = arguments.get('floor', node.config.meta.get('floor')) -%}
        {%- set problem = assay._floor_problem(floor) -%}
        {%- do rule.update({'state': 'error', 'reason': problem} if problem
            else {'floor': floor}) -%}
    {%- endif -%}
    {%- if node.description -%}
        {%- do rule.update({'says': node.description}) -%}
    {%- endif -%}
    {%- do rule.update({'asks_whether_missing': dict(table.is_missing),
        'expressions': dict(table.expressions)}) -%}
    {#- Nothing is repaired by what it would become in an expression. -#}
    {%- do rule.update({'flaw': none} if table.expressions else {}) -%}
    {%- do table.is_missing.clear() -%}
    {%- do table.expressions.clear() -%}
    {%- do table.is_missing.update(asked_before) -%}
    {%- do table.expressions.update(expressions_before) -%}
    {%- do return(rule) -%}
{% endmacro %}


{#- What is wrong with the floor of a rule, in one sentence; none where nothing is. -#}
{% macro _floor_problem(floor) %}
    {%- set is_right = floor is mapping and floor.keys() | sort == ['index', 'over'] -%}
    {%- for share in (floor.values() if is_right else [none])
        if not assay.is_finite_number(share) or share < 0 or share > 1 -%}
        {%- do return(
            'floor must be given as `over` and `index`, numbers from 0 to 1, not '
            ~ assay.shown(floor)) -%}
    {%- endfor -%}
    {%- do return(none) -%}
{% endmacro %}


{#-
An update for a rule that needs a column which is not to be had: `not measured` for a
contract column that the feed lacks, `error` for a name that the table does not have;
none when the column is there.
-#}
{% macro column_state(column, table) %}
    {%- if column in table.not_supplied -%}
        {%- do return({'state': 'not measured',
            'reason': table.feed ~ '.' ~ column ~ ' is not supplied'}) -%}
    {%- elif column | lower not in table.names and column not in table.expressions -%}
        {%- do return({'state': 'error',
            'reason': table.feed ~ ' has no column ' ~ assay.shown(column)}) -%}
    {%- endif -%}
    {%- do return(none) -%}
{% endmacro %}


{#- Whether all of these columns are to be had. -#}
{% macro has_columns(columns, table) %}
    {%- for column in columns if assay.column_state(column, table) -%}
        {%- do return(false) -%}
    {%- endfor -%}
    {%- do return(true) -%}
{% endmacro %}


{#-
How SQL speaks of a column: value (typed), text (as found, also where it did not cast),
exact (a list of expressions that tell any two values apart: what did not cast is no text
of a value that did), as_key (text, without the zeros after the point of a whole number),
is_null, type, family (text, number, time or other). `row` names the row it is read from.
-#}
{% macro column_text(column, table, row='watched') %}
    {%- set column = column if column in table.expressions
        else table.names.get(column | lower, column) -%}
    {%- set value = row ~ '.' ~ assay.quoted(column) -%}
    {%- set type = table.columns.get(column) or table.expressions[column] -%}
    {%- set text, is_null = assay.as_text(value, type), value ~ ' is null' -%}
    {%- set exact = [value] -%}
    {%- if assay.has_as_found(column, table) -%}
        {%- set as_found = row ~ '.' ~ assay.quoted(column ~ '_as_found') -%}
        {%- set text = 'coalesce(' ~ as_found ~ ', ' ~ text ~ ')' -%}
        {%- set exact = [value, as_found] -%}
        {%- set is_null = is_null ~ ' and ' ~ as_found ~ ' is null' -%}
    {%- endif -%}
    {#- `1000.0` is what a program writes that takes numbers for doubles. -#}
    {%- set as_key = text if assay._type_family(type) != 'text'
        else 'case when contains(' ~ text
        ~ ", '.0') then regexp_replace(" ~ text
        ~ ", '^([0-9]+)[.]0+$', '\\1') else " ~ text ~ ' end' -%}
    {%- do return({
        'value': value, 'text': text, 'exact': exact, 'as_key': as_key,
        'is_null': '(' ~ is_null ~ ')', 'type': type, 'family': assay._type_family(type)
    }) -%}
{% endmacro %}


{#-
The same with is_missing and is_present. The condition is written once, in the list of
`watched`, where watched_rows() looks for it; rules speak of "<column> is missing".
-#}
{% macro column_sql(column, table, row='watched') %}
    {%- set column = column if column in table.expressions
        else table.names.get(column | lower, column) -%}
    {%- set found = assay.column_text(column, table, row) -%}
    {%- set prefix = row ~ '.' if row == 'other' else '' -%}
    {%- set value = prefix ~ assay.quoted(column) -%}
    {%- if found.family == 'text' -%}
        {%- set is_missing = assay.is_missing(value,
            assay.placeholders_of(column, table)) -%}
    {%- elif assay.has_as_found(column, table) -%}
        {%- set is_missing = '(' ~ value ~ ' is null and ' ~ assay.is_missing(
            prefix ~ assay.quoted(column ~ '_as_found'),
            assay.placeholders_of(column, table)) ~ ')' -%}
    {%- elif assay.is_float(found.type) -%}
        {#- What pandas writes for a missing number. -#}
        {%- set is_missing = '(' ~ value ~ ' is null or isnan(' ~ value ~ '))' -%}
    {%- else -%}
        {%- set is_missing = '(' ~ value ~ ' is null)' -%}
    {%- endif -%}
    {%- if row != 'other' -%}
        {%- do table.is_missing.update({column: is_missing}) -%}
        {%- set is_missing = row ~ '.' ~ assay.quoted(column ~ ' is missing') -%}
    {%- endif -%}
    {%- do return(dict(
        found, is_missing=is_missing, is_present='not ' ~ is_missing)) -%}
{% endmacro %}


{#- The words that stand for nothing in a column, but for those that its rules name. -#}
{% macro placeholders_of(column, table) %}
    {%- if not table.values_named -%}
        {%- do table.values_named.update({none: []}) -%}
        {%- for node in assay.rule_nodes(table.feed) -%}
            {%- set given = node.test_metadata.kwargs -%}
            {#- `NA` is Namibia, and the language of Nauru. -#}
            {%- for values in [given.get('values'), given.get('except'),
                ['NA'] if given.get('is') in ['country', 'language'] else none]
                if values is sequence and values is not string -%}
                {%- for value in values if value is string -%}
                    {%- do table.values_named.setdefault(assay.tested_column(node,
                        table), [])
                        .append(value | trim | lower) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if column not in table.values_named -%}
        {%- do return(table.placeholders) -%}
    {%- endif -%}
    {%- do return(table.placeholders | reject('in',
        table.values_named[column]) | list) -%}
{% endmacro %}


{% macro is_float(type) %}
    {%- do return(type in ['double', 'float', 'real']) -%}
{% endmacro %}


{#- A column of numbers as one that is finite, or null. -#}
{% macro finite_number(found) %}
    {%- do return('case when ' ~ assay.is_finite(found.value) ~ ' then ' ~ found.value
        ~ ' end' if assay.is_float(found.type) else found.value) -%}
{% endmacro %}


{#- Whether what does not cast stands beside a column. A text always casts. -#}
{% macro has_as_found(column, table) %}
    {%- do return(column ~ '_as_found' in table.columns
        and assay._type_family(table.columns[column]) != 'text') -%}
{% endmacro %}


{% macro _type_family(type) %}
    {%- if type.endswith(']') -%}
        {%- do return('other') -%}
    {%- elif type.startswith('varchar') -%}
        {%- do return('text') -%}
    {%- elif type.startswith('timestamp') or type == 'date' -%}
        {%- do return('time') -%}
    {%- elif type.startswith('decimal') or type.lstrip('u') in [
        'double', 'float', 'real', 'bigint', 'integer', 'smallint', 'tinyint', 'hugeint'
    ] -%}
        {%- do return('number') -%}
    {%- endif -%}
    {%- do return('other') -%}
{% endmacro %}


{#-
The other table that an argument such as ref('stg_products') names, as watched_table()
describes it, with `from_sql`; or an update for the rule when it cannot be read.
-#}
{% macro other_table(rule, argument, field=none) %}
    {%- set name = (argument | string).replace('"', "'").split("'")[1::2] | last -%}
    {%- if not name -%}
        {%- do return({'state': 'error', 'reason': assay.shown(argument)
            ~ ' names no table: write'
            ~ " ref('model')"}) -%}
    {%- endif -%}
    {%- set feed = name[4:] if name.startswith('stg_')
        and name[4:] in assay.feed_names() else name -%}
    {%- if assay.watched_node(feed) is none -%}
        {%- do return({'state': 'error', 'reason': assay.shown(argument) ~ ' names '
            ~ assay.shown(name)
            ~ ', and there is no such model, seed, snapshot or source'})
        -%}
    {%- endif -%}
    {%- set table = assay.watched_table(feed, rule.table.known) -%}
    {%- for column in assay.as_list(field) if assay.column_state(column, table) -%}
        {%- do return(assay.column_state(column, table)) -%}
    {%- endfor -%}
    {%- set unique_id = table.node.unique_id -%}
    {%- if table.known.version and feed in assay.repaired_tables() -%}
        {%- set from_sql = assay.tested_relation(table) -%}
    {%- elif unique_id in model.depends_on.nodes -%}
        {%- set from_sql = ref(name) if table.node.resource_type != 'source'
            else source(table.node.source_name, name) -%}
    {%- else -%}
        {%- set from_sql = table.node.relation_name -%}
    {%- endif -%}
    {%- do return({'state': 'ready', 'table': table, 'from_sql': from_sql | string,
        'unique_id': unique_id}) -%}
{% endmacro %}
