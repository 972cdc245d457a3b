{{ label_rates() }}
