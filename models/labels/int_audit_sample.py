"""Which records of each learned rule a person should look at next."""


def model(dbt, session):
    """One row per learned rule and proposed record, drawn by its own random number."""
    from python_ml.dbt_models.labels import propose_audits

    records = dbt.ref("int_audit_candidates").order("rule_name, record_key")
    return propose_audits(records.to_arrow_table(), dbt.config.meta_get("audit_size"))
