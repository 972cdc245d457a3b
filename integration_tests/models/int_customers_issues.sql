{{ assay.issues(ref('customers')) }}
