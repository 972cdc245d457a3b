select * from read_parquet('{{ env_var("BENCHMARK_FOLDER") }}/products.parquet')
