{{ dimension_scores() }}
