{{ assay.issues(ref('orders'), ref('customers')) }}
