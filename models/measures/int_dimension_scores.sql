{{ dimension_scores(ref('int_component_rates')) }}
