-- Named like a feed of Assay, and none.
select 1 as product_id
