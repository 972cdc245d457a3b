{{ integrated_products() }}
