{{ component_rates('repaired_') }}
