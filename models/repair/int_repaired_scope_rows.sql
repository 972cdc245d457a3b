{{ scope_rows('repaired_') }}
