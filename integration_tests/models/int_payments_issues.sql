{{ assay.issues(ref('payments'), ref('orders'), ref('stg_orders')) }}
