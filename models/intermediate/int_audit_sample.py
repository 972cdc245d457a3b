"""Which records of each learned rule a person should look at next."""


def model(dbt, session):
    """One row per learned rule and proposed record, drawn by its own random number."""
    from python_ml.label_models import propose_audits

    records = dbt.ref("int_judged_rows").query(
        "rows",
        """
        select
            rule_name,
            record_key,
            any_value(model_probability order by occurrence) as error_probability,
            bool_or(is_audited) as is_audited,
            (
                cast('0x' || left(md5(rule_name || '|' || record_key), 13) as bigint)
                + 0.5
            ) / 4503599627370496 as random_number
        from rows
        where model_probability is not null and record_key is not null
        group by rule_name, record_key
        order by rule_name, record_key
        """,
    )
    return propose_audits(records.to_arrow_table(), dbt.config.meta_get("audit_size"))
