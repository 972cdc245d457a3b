"""The reports that training runs have left."""


def model(dbt, session):
    """One row per report that was found."""
    from python_ml.dbt_models.training import training_runs

    return training_runs(dbt.config.meta_get("training_folder"))
