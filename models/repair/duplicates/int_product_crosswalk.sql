{%- do only_with_feeds('products') -%}
{{ product_crosswalk(ref('int_product_texts'), ref('int_product_merges')) }}
