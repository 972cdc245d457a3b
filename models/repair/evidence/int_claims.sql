{{ reads_watched_tables() }}
-- A value whose canonical form is certain claims what that form says.
with sound_cells as (
    select
        cells.*,
        (
            select arg_max(forms.canonical_value, forms.confidence)
            from {{ ref('int_canonical_values') }} as forms
            where
                forms.format_value = cells.found_value
                and forms.confidence >= 0.95
                and {{ list_has(split_text('cells.rule_names', "', '"),
                    'forms.rule_name') }}
        ) as canonical_value
    from {{ ref('int_failing_cells') }} as cells
)

{{ claims() }}
