{#-
The values of each watched table that fail a rule about their form, one row per rule and
value, and beside them up to a thousand values of the column that do not, from which
python_ml learns how values are written.
-#}
{% macro format_values() %}
    {{- assay.of_watched_tables(assay._format_values, {'rule_name': 'varchar',
        'form': 'varchar',
        'format_value': 'varchar', 'is_example': 'boolean'}) }}
{% endmacro %}


{% macro _format_values(table) %}
    {%- set selects = [] -%}
    {%- for rule in assay.rules_of_failing_columns(table) if rule.flaw == 'format'
        and assay._is_readable(rule.arguments) -%}
        {%- set form = {'type': rule.type} -%}
        {%- for name in ['is', 'pattern'] if name in rule.arguments -%}
            {%- do form.update({name: rule.arguments[name]}) -%}
        {%- endfor -%}
        {%- if 'values' in rule.arguments -%}
            {%- do form.update({'values': rule.arguments['values'] | map(
                'string') | list})
            -%}
        {%- endif -%}
        {#- A form is JSON, which has numbers but no times. -#}
        {%- for name in ['min', 'max', 'above', 'below'] if name in rule.arguments
            and not (assay.bound_sql(rule.arguments[name],
            rule) | string).startswith('time') -%}
            {%- do form.update({name: rule.arguments[name] | float}) -%}
        {%- endfor -%}
        {%- if form.get('is') in ['email', 'url'] -%}
            {%- do form.update({'pattern': assay.form_pattern(form.pop('is'))}) -%}
        {%- elif form.get('is') == 'clean_text' -%}
            {%- do form.update({'unclean': assay.unclean_pattern()}) -%}
        {%- endif -%}
        {%- set select -%}
    select
        {{ assay.literal(rule.name) }} as rule_name,
        {{ assay.literal(tojson(form)) }} as form,
        {{ assay.column_text(rule.column, table).text }} as format_value,
        false as is_example
    from watched
    inner join {{ ref('assay', 'int_cell_issues') }} as issues
        on watched."row number" = issues.record_number
    where issues.feed = {{ assay.literal(table.feed) }}
        and issues.rule_name = {{ assay.literal(rule.name) }}
    group by format_value
    union all
    select
        {{ assay.literal(rule.name) }},
        {{ assay.literal(tojson(form)) }},
        sound.format_value,
        true
    from (
        select format_value
        from (
            select distinct {{ rule.text }} as format_value
            from watched
            where {{ rule.is_present }}
                and not exists (
                    select 1 from bad_cells
                    where bad_cells.record_number = watched."row number"
                        and bad_cells.feed = {{ assay.literal(table.feed) }}
                        and bad_cells.column_name = {{ assay.literal(rule.column) }}
                )
        ) as distinct_values
        order by {{ assay.row_hash(['format_value']) }}, format_value
        limit 1000
    ) as sound
        {%- endset -%}
        {#- Nothing that fails a range of times can be written in another form. -#}
        {%- if form | length > 1 -%}{%- do selects.append(select) -%}{%- endif -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#- Whether python_ml can tell if a value that it proposes passes a rule `in_format`. -#}
{% macro _is_readable(arguments) %}
    {%- do return(arguments.get('is') not in [
        'one_spelling', 'country', 'gtin', 'language'
    ] and not ('pattern' in arguments and arguments.get('is') in ['email', 'url'])
        and arguments.keys() | select('in', [
        'not_pattern', 'not_values', 'date_format'
    ]) | list == []) -%}
{% endmacro %}
