{{ config(materialized='table') }}

-- depends_on: {{ ref('quality_weights') }}
-- depends_on: {{ ref('quality_weights_calibrated') }}
-- depends_on: {{ ref('label_audits') }}

{{ supplied_columns() }}
