{#- The confidence from which on a repair is applied unasked, by method, as SQL rows. -#}
{% macro repair_thresholds() %}
    {%- set given, rows = var('repair_thresholds', {}), [] -%}
    {#- What has another shape than it must have is reported by setting_problems(). -#}
    {%- set given = given if given is mapping else {} -%}
    {#- Wrong merges cost a recommender more than missed ones. -#}
    {%- set own = {'near_duplicate': 0.99} -%}
    {%- for method in repair_methods() -%}
        {%- do rows.append('(' ~ literal(method) ~ ', '
            ~ given.get(method, own.get(method, given.get('default', 0.95))) ~ ')') -%}
    {%- endfor -%}
    {%- do return(rows | join(', ')) -%}
{% endmacro %}


{#- The methods of repair: the flaws that they answer. -#}
{% macro repair_methods() %}
    {%- do return([
        'missing', 'format', 'label', 'disagreement', 'repeat', 'near_duplicate', 'orphan',
        'impossible'
    ]) -%}
{% endmacro %}
