{{ component_rates() }}
