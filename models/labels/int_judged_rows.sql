{{ config(materialized='view') }}

{{ judged_rows(ref('int_labeled_rows'), ref('int_label_scores')) }}
