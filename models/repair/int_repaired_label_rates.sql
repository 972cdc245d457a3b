{{ label_rates('repaired_') }}
