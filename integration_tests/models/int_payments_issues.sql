{{ assay.issues(ref('payments'), ref('orders')) }}
