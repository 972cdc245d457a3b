{#- What is under the `meta` of a table or column by the name that it had before 0.4. -#}
{% macro renamed_meta(node) %}
    {%- set names = {'told_by': 'extract_from', 'told_apart_by': 'match_on',
        'same_thing': 'entity_keys', 'also_in': 'lookup', 'survives': 'survivorship'} -%}
    {%- set rules = {'most_said': 'most_frequent', 'newest': 'most_recent',
        'earliest': 'min', 'latest': 'max'} -%}
    {%- set problems, metas = [], [[node.name, node.config.meta or {}]] -%}
    {%- for column in node.columns.values() -%}
        {%- do metas.append([node.name ~ '.' ~ column.name,
            (column.config.meta if column.config else none) or column.meta or {}]) -%}
    {%- endfor -%}
    {%- for place, meta in metas -%}
        {%- for name in meta if name in names -%}
            {%- do problems.append(place ~ ': ' ~ name ~ ' under `meta` is called '
                ~ names[name] ~ ' since 0.4.') -%}
        {%- endfor -%}
        {%- if meta.get('survivorship', 'min') not in rules.values() -%}
            {%- do problems.append(place ~ ': survivorship is ' ~ meta.survivorship
                ~ '; it must be ' ~ rules.values() | join(', ')
                ~ (' (' ~ meta.survivorship ~ ' is called '
                    ~ rules[meta.survivorship] ~ ' since 0.4)'
                    if meta.survivorship in rules else '') ~ '.') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do return(problems) -%}
{% endmacro %}
