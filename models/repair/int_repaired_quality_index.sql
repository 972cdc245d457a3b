{{ quality_index('repaired_') }}
