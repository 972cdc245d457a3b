"""What recommenders make of the events as found and as repaired."""


def model(dbt, session):
    """One row per version, model, target and metric."""
    from python_ml.dbt_models.effect import recommender_effect

    events = dbt.ref("int_recommender_events")
    names = "user_id, product_id, event_type, occurred_at, cut_at"

    def events_of(version):
        found = events.filter(f"version = '{version}'")
        return found.project(names).to_arrow_table()

    return recommender_effect(
        events_of,
        dbt.ref("int_product_crosswalk").to_arrow_table(),
        effort=dbt.config.meta_get("effort"),
        device=dbt.config.meta_get("device"),
    )
