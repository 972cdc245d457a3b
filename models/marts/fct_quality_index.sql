{{ quality_index() }}
