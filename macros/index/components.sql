{#- The closed vocabulary of the index: the components of each dimension. -#}
{% macro components() %}
    {%- do return({
        'completeness': ['missing', 'repeat', 'coverage'],
        'accuracy': ['label', 'class', 'relation'],
        'consistency': ['source', 'format'],
        'timeliness': ['frequency', 'validity']
    }) -%}
{% endmacro %}
