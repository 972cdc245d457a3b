{{ config(materialized='table') }}

-- depends_on: {{ ref('quality_weights') }}

{{ supplied_columns() }}
