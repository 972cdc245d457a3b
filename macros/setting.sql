{#-
The value of a setting: what `vars` of the project says, for all packages or under `assay:`,
or `--vars`, and else its default. A model of another project sees the latter two only by
the name of the package.
-#}
{% macro setting(name) %}
    {%- set given = var('assay', {}) -%}
    {%- do return(var(name, given.get(name, assay.default_settings()[name]))) -%}
{% endmacro %}


{#- What each setting is where nobody says so; they are described in dbt_project.yml. -#}
{% macro default_settings() %}
    {%- do return({
        'feeds': 'sample' if project_name == 'assay' else {},
        'folder': '.',
        'as_of': none,
        'not_measured': 'pass',
        'watched': [],
        'repaired': [],
        'encoder': 'auto',
        'device': 'auto',
        'precision': 'auto',
        'audit_size': 100,
        'repair_thresholds': {'default': 0.95, 'near_duplicate': 0.99},
        'label_repairs': 'audited',
        'source_priority': {}
    }) -%}
{% endmacro %}
