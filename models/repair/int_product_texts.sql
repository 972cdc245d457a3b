{{ product_texts() }}
