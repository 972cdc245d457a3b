{{ config(materialized='view') }}

{{ recommender_events() }}
