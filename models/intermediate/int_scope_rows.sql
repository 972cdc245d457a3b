{{ scope_rows() }}
