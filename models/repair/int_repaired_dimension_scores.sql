{{ dimension_scores('repaired_') }}
