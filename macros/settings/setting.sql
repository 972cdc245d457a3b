{#-
The value of a setting: what `--vars` or the `vars` of the project say, for all packages or
under `assay:`, and else its default. dbt gives what stands under `assay:` to models of this
package only; those of another project see it as a var of that name.
-#}
{% macro setting(name) %}
    {%- set given = var('assay', {}) -%}
    {%- set given = given if given is mapping else {} -%}
    {%- do return(var(name, given.get(name, assay.default_settings()[name]))) -%}
{% endmacro %}


{#- What each setting is where nobody says so; they are described in dbt_project.yml. -#}
{% macro default_settings() %}
    {%- do return({
        'feeds': 'sample' if project_name == 'assay' else {},
        'folder': '.',
        'as_of': none,
        'incremental': true,
        'not_measured': 'pass',
        'quality_weights': 'hand',
        'watched': [],
        'repaired': [],
        'encoder': 'auto',
        'device': 'auto',
        'precision': 'auto',
        'audit_size': 100,
        'training_folder': 'trained',
        'repair_thresholds': {'default': 0.95, 'near_duplicate': 0.99},
        'label_repairs': 'audited',
        'source_priority': {},
        'closed_after': {},
        'effect': 'auto',
        'history_days': 730,
        'metrics': false,
        'lang': 'en'
    }) -%}
{% endmacro %}
