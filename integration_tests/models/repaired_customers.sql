{{ assay.repaired(ref('customers')) }}
