{#-
What rows claim of the columns with failing cells: one row per row, column and key by
which rows speak of the same subject. In the terms of truth discovery (Li et al. 2016,
"A Survey on Truth Discovery") a row is a voter, its value of the column a claim, and the
rows of one key value are about one subject. `sound_cells` are the failing cells, with
the canonical form of each where that is certain.
-#}
{% macro claims() %}
    {{- assay.of_watched_tables(assay._claims, {
        'feed': 'varchar', 'column_name': 'varchar', 'question': 'varchar',
        'key_name': 'varchar', 'other_table': 'varchar', 'is_others': 'boolean',
        'is_rival': 'boolean', 'is_one_of_many': 'boolean', 'is_alike': 'boolean',
        'subject': 'varchar', 'value_key': 'varchar', 'value': 'varchar',
        'is_sound': 'boolean', 'is_asked': 'boolean', 'record_number': 'bigint',
        'rows_saying': 'bigint', 'source': 'varchar', 'voter': 'varchar', 'source_rank': 'bigint',
        'said_at': 'timestamp'}) }}
{% endmacro %}


{% macro _claims(table) %}
    {%- set selects = [] -%}
    {%- for column, rules in assay.rules_of_failing_columns(table)
        | selectattr('flaw', 'in',
            ['missing', 'format', 'impossible', 'orphan', 'disagreement'])
        | groupby('column') -%}
        {%- set keys = assay.entity_keys(column, table) -%}
        {%- for key in keys -%}
            {%- do selects.append(assay._own_claims(column, key, table, {
                'question': key | join(', '), 'is_one_of_many': keys | length > 1,
                'is_alike': assay._own_key(table) != [] and column not in table.key
                    and key in assay._alike_keys(table)})) -%}
        {%- endfor -%}
        {%- for place in assay.lookups(rules[0], table) -%}
            {%- set more = {'question': place.table.feed ~ '.' ~ place.field ~ ' by '
                ~ place.key | join(', '), 'other_table': place.table.feed,
                'is_rival': place.is_rival} -%}
            {%- do selects.append(assay._own_claims(column, place.key, table, more,
                exact=place.key)) -%}
            {%- do selects.append(assay._claims_of_others(column, place, more)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ selects | join('\n    union all\n') }}
{% endmacro %}


{#-
What the rows of the table itself claim. What the rows of one key say is known from the
key; of what merely looks alike (`is_alike`), such as two products with one title, each
key of the table has one vote.
-#}
{% macro _own_claims(column, key, table, more, exact=none) %}
    {%- set found = assay.column_sql(column, table) -%}
    {%- set value = 'coalesce(cells.canonical_value, '
        ~ assay.column_text(column, table).text ~ ')' -%}
    {%- set subject = assay._subject(key, table, exact=exact) -%}
    {%- set source = assay.slices(table).get('source_system') -%}
    {%- set order = [] -%}
    {%- for name in assay.setting('source_priority').get(table.feed, []) -%}
        {%- do order.append(assay.literal(name)) -%}
    {%- endfor -%}
    {%- set time = assay.time_sql(assay.column_text(table.day_column, table))
        if assay.slices(table).get('day') and column != table.day_column %}
    select
        {{ assay._names_of_claim(column, key, more, is_others=false) }},
        {{ subject.text }} as subject,
        {{ assay._compared(column, table, value=value) }} as value_key,
        {{ value }} as value,
        {{ found.is_present }}
        and (cells.is_bad is not true or cells.canonical_value is not null) as is_sound,
        cells.record_number is not null as is_asked,
        watched."row number" as record_number,
        1 as rows_saying,
        {{ source if source and not more.is_alike
            and table.source_system_column not in key else "''" }} as source,
        {{ assay._subject(assay._own_key(table), table).text if more.is_alike
            else 'cast(null as varchar)' }} as voter,
        {{ '-nullif(list_position([' ~ order | join(', ') ~ '], ' ~ source ~ '), 0)'
            if order and source else 'cast(null as bigint)' }} as source_rank,
        {#- The newest row breaks ties. None is of a time to come. #}
        {{ 'case when ' ~ time ~ ' <= ' ~ assay.as_of() ~ ' then ' ~ time ~ ' end'
            if time else 'cast(null as timestamp)' }} as said_at
    from watched
    left join sound_cells as cells
        on watched."row number" = cells.record_number
        and cells.feed = {{ assay.literal(table.feed) }}
        and cells.column_name = {{ assay.literal(column) }}
    where {{ subject.is_told }}
{%- endmacro %}


{#- What the rows of another table claim of the same subject; equal claims are one. -#}
{% macro _claims_of_others(column, place, more) %}
    {%- set theirs = assay.column_sql(place.field, place.table, 'other') %}
    select
        {{ assay._names_of_claim(column, place.key, more, is_others=true) }},
        {{ assay._subject(place.key, place.table, 'other',
            exact=place.key).text }} as subject,
        {{ assay._compared(place.field, place.table, 'other') }} as value_key,
        {{ theirs.text }} as value,
        true as is_sound,
        false as is_asked,
        null as record_number,
        count(*) as rows_saying,
        '' as source,
        null as voter,
        null as source_rank,
        null as said_at
    from {{ place.from_sql }} as other
    where {{ theirs.is_present }}
    group by subject, value_key, value
{%- endmacro %}


{% macro _names_of_claim(column, key, more, is_others) -%}
        {{ assay.literal(column) }} as column_name,
        {{ assay.literal(more.question) }} as question,
        {{ assay.literal(key | join(', ')) }} as key_name,
        {{ assay.literal(more.get('other_table')) }} as other_table,
        {{ is_others }} as is_others,
        {{ more.get('is_rival', false) }} as is_rival,
        {{ more.get('is_one_of_many', false) }} as is_one_of_many,
        {{ more.get('is_alike', false) }} as is_alike
{%- endmacro %}


{#-
The lists of columns any of which tells that two rows speak of the same subject, as far
as a column is concerned: the keys of an `agrees_with`, `entity_keys` in the table's
`meta`, and the key of several source systems without the source system.
-#}
{% macro entity_keys(column, table) %}
    {%- set lists, usable = assay._alike_keys(table), [] -%}
    {%- for given in assay.agreements(column, table) if not given.get('to') -%}
        {%- do lists.append(assay.as_list(given.key)) -%}
    {%- endfor -%}
    {%- if table.source_system_column in table.key -%}
        {%- do lists.append(assay._own_key(table)) -%}
    {%- endif -%}
    {%- for list in lists if list and list not in usable and column not in list
        and assay.has_columns(list, table) -%}
        {%- do usable.append(list) -%}
    {%- endfor -%}
    {%- do return(usable) -%}
{% endmacro %}


{% macro _own_key(table) %}
    {%- do return(table.key | reject('equalto', table.source_system_column) | list) -%}
{% endmacro %}


{#- What `entity_keys` under `meta` of a table names: columns, or lists of columns. -#}
{% macro _alike_keys(table) %}
    {%- set lists = [] -%}
    {%- for list in table.node.config.meta.get('entity_keys', []) -%}
        {%- do lists.append(assay.as_list(list)) -%}
    {%- endfor -%}
    {%- do return(lists) -%}
{% endmacro %}


{#-
Where else the value of a column stands, as `lookup` of its `meta` says, or an
`agrees_with`, by which the two tables are rivals: (other, field, key) that can be read.
-#}
{% macro lookups(rule, table) %}
    {%- set told, places = [], [] -%}
    {%- for place in assay.as_list(assay.column_meta(rule.column,
        table).get('lookup')) -%}
        {%- do told.append([place, false,
            'ref("' ~ ('stg_' if place.to in assay.feed_names() else '') ~ place.to
            ~ '")'])
        -%}
    {%- endfor -%}
    {%- for given in assay.agreements(rule.column, table) if given.get('to') -%}
        {%- do told.append([given, true, given.to]) -%}
    {%- endfor -%}
    {%- for given, is_rival, to in told -%}
        {%- set field, key = given.get('field') or rule.column,
            assay.as_list(given.key) -%}
        {%- set other = assay.other_table(rule, to, field) -%}
        {%- if other.state == 'ready' and assay.has_columns(key, table)
            and assay.has_columns(key, other.table) -%}
            {%- do places.append(dict(
                other, field=field, key=key, is_rival=is_rival)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(places) -%}
{% endmacro %}


{#-
What a row speaks of, as one `text`, and the condition `is_told`, that it says so.
Columns of the key of the table, or those named `exact`, are compared as they are.
-#}
{% macro _subject(key, table, row='watched', exact=none) %}
    {%- set texts, present = [], [] -%}
    {%- for name in key -%}
        {%- set found = assay.column_sql(name, table, row) -%}
        {%- do present.append(found.is_present) -%}
        {%- do texts.append(found.text if name in (exact or table.key)
            else assay._compared(name, table, row)) -%}
    {%- endfor -%}
    {%- do return({'text': "concat_ws('|', " ~ texts | join(', ') ~ ')',
        'is_told': present | join(' and ')}) -%}
{% endmacro %}


{#- A value by which what two rows say is compared: as agrees_with compares it. -#}
{% macro _compared(column, table, row='watched', value=none) %}
    {%- set found = assay.column_text(column, table, row) -%}
    {%- set text = value or found.text -%}
    {%- do return(assay.normalized_text(text) if found.family == 'text' else text) -%}
{% endmacro %}
