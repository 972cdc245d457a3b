{#-
What the data say a failing cell of a watched table should hold, and how far they are
to be believed: one row per cell, kind of evidence and candidate. `log_odds` is the
logarithm of the odds that evidence of this kind is right, as often as it is right of the
cells whose value is known: naive Bayes adds them.
-#}
{% macro evidence() %}
    {{- assay.of_watched_tables(assay._evidence, {
        'feed': 'varchar', 'column_name': 'varchar', 'record_number': 'bigint',
        'kind': 'varchar', 'candidate': 'varchar', 'log_odds': 'double',
        'reason': 'varchar'}) }}
{% endmacro %}


{% macro _evidence(table) %}
    {%- set selects = [] -%}
    {%- for column, rules in assay.rules_of_failing_columns(table)
        | selectattr('flaw', 'in',
            ['missing', 'format', 'impossible', 'orphan', 'disagreement'])
        | groupby('column') -%}
        {%- for piece in assay._pieces_of_evidence(column, rules, table) -%}
            {%- do selects.append('    select\n        ' ~ assay.literal(column)
                ~ ' as column_name,\n        piece.*\n    from (\n        ' ~ piece
                ~ '\n    ) as piece') -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if selects %}
    {#- A value whose canonical form is certain is a witness by that form. #}
    cells as (
        select
            failing.*,
            (
                select arg_max(forms.canonical_value, forms.confidence)
                from {{ ref('assay', 'int_canonical_values') }} as forms
                where forms.format_value = failing.found_value
                    and forms.confidence >= 0.95
                    and list_contains(
                        string_split(failing.rule_names, ', '), forms.rule_name
                    )
            ) as canonical_value
        from {{ ref('assay', 'int_failing_cells') }} as failing
        where failing.feed = {{ assay.literal(table.feed) }}
    )

    {{ selects | join('\n    union all\n') }}
    {%- endif -%}
{% endmacro %}


{#- All that is asked about the failing `cells` of one column. -#}
{% macro _pieces_of_evidence(column, rules, table) %}
    {%- set pieces = [] -%}
    {%- set things = assay.same_things(column, table) -%}
    {%- for thing in things -%}
        {%- do pieces.append(assay.evidence_of_same_thing(column, thing, table,
            is_one_of_many=things | length > 1)) -%}
        {%- do pieces.append(assay.evidence_of_priority(column, thing, table)) -%}
        {%- do pieces.append(assay.evidence_of_newest(column, thing, table)) -%}
    {%- endfor -%}
    {%- for place in assay.other_places(rules[0], table) -%}
        {%- do pieces.append(assay.evidence_of_other_table(column, place, table)) -%}
    {%- endfor -%}
    {%- for rule in rules -%}
        {%- if rule.arguments.get('is') == 'one_spelling' -%}
            {%- do pieces.append(assay.evidence_of_usual_spelling(rule)) -%}
        {%- elif rule.flaw == 'orphan' -%}
            {%- do pieces.append(assay.evidence_of_key_spelling(rule)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(pieces | map('trim') | select | list) -%}
{% endmacro %}


{#- The failing cells of a column, and what their rows speak of and say of it. -#}
{% macro asked_cells(column, key, table) %}
            select
                cells.*,
                not cells.is_bad or cells.canonical_value is not null as is_sound,
                {{ key.text }} as thing,
                {{ assay.compared(column, table, value=assay._believed(column,
                    table)) }} as fact
            from watched
            inner join cells
                on watched."row number" = cells.record_number
                and cells.column_name = {{ assay.literal(column) }}
            where {{ key.is_told }}
{%- endmacro %}


{#- What the rows say whose value may be believed, and what of; `more` are columns. -#}
{% macro sound_rows(column, key, table, more={}) %}
            select
                {{ key.text }} as thing,
                {{ assay.compared(column, table, value=assay._believed(column,
                    table)) }} as fact,
                {%- for name, sql in more.items() %}
                {{ sql }} as {{ name }},
                {%- endfor %}
                {{ assay._believed(column, table) }} as spelling
            from watched
            left join cells
                on watched."row number" = cells.record_number
                and cells.column_name = {{ assay.literal(column) }}
            where {{ assay.column_sql(column, table).is_present }}
                and (cells.is_bad is not true or cells.canonical_value is not null)
                and {{ key.is_told }}
{%- endmacro %}


{% macro _believed(column, table) %}
    {%- do return('coalesce(cells.canonical_value, '
        ~ assay.column_text(column, table).text
        ~ ')') -%}
{% endmacro %}


{#-
What a row speaks of, as one `text`, and the condition `is_told`, that it says so.
Columns of the key of the table, or those named `exact`, are compared as they are.
-#}
{% macro key_of_thing(thing, table, row='watched', exact=none) %}
    {%- set texts, present = [], [] -%}
    {%- for name in thing -%}
        {%- set found = assay.column_sql(name, table, row) -%}
        {%- do present.append(found.is_present) -%}
        {%- do texts.append(found.text if name in (exact or table.key)
            else assay.compared(name, table, row)) -%}
    {%- endfor -%}
    {%- do return({'text': "concat_ws('|', " ~ texts | join(', ') ~ ')',
        'is_told': present | join(' and ')}) -%}
{% endmacro %}


{#- A value by which what two rows say is compared: as agrees_with compares it. -#}
{% macro compared(column, table, row='watched', value=none) %}
    {%- set found = assay.column_text(column, table, row) -%}
    {%- set text = value or found.text -%}
    {%- do return(assay.normalized_text(text) if found.family == 'text' else text) -%}
{% endmacro %}
