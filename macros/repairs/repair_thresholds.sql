{#- The confidence from which on a repair is applied unasked, by method, as SQL rows. -#}
{% macro repair_thresholds() %}
    {%- set given, rows = assay.setting('repair_thresholds'), [] -%}
    {#- What has another shape than it must have is reported by setting_problems(). -#}
    {%- set given = given if given is mapping else {} -%}
    {%- for method in assay.repair_methods() -%}
        {%- do rows.append('(' ~ assay.literal(method) ~ ', '
            ~ assay.repair_threshold(method, given)
            ~ ')') -%}
    {%- endfor -%}
    {%- do return(rows | join(', ')) -%}
{% endmacro %}


{#- That of one method, by what the var says. -#}
{% macro repair_threshold(method, given) %}
    {%- set usual = given.get('default', 0.95) -%}
    {#- Wrong merges cost a recommender more than missed ones. -#}
    {%- if method == 'near_duplicate' -%}
        {%- set usual = [usual | float(0.99), 0.99] | max -%}
    {%- endif -%}
    {%- do return(given.get(method, usual)) -%}
{% endmacro %}


{#- The methods of repair: the flaws that they answer. -#}
{% macro repair_methods() %}
    {%- do return([
        'missing', 'format', 'label', 'disagreement', 'repeat', 'near_duplicate',
        'orphan',
        'impossible'
    ]) -%}
{% endmacro %}
