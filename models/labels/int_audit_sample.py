"""Which records of each learned rule a person should look at next."""


def model(dbt, session):
    """One row per learned rule and proposed record, drawn by its own random number."""
    from python_ml.dbt_models.labels import propose_audits

    # New verdicts begin a new round, with random numbers of its own: the model learns
    # from them, so a draw that went on with the old numbers would have wrong weights.
    rounds = dbt.ref("label_audits").aggregate("rule_name, count(*) as verdicts")
    records = dbt.ref("int_judged_rows").query(
        "rows",
        """
        select
            rule_name,
            record_key,
            any_value(model_probability order by occurrence) as error_probability
        from rows
        where model_probability is not null and record_key is not null
        group by rule_name, record_key
        having not bool_or(is_audited)
        """,
    )
    numbered = records.join(rounds, "rule_name", how="left").select(
        """
        rule_name,
        record_key,
        error_probability,
        (
            cast(
                '0x' || left(
                    md5(concat_ws('|', rule_name, record_key, coalesce(verdicts, 0))),
                    13
                ) as bigint
            ) + 0.5
        ) / 4503599627370496 as random_number
        """
    )
    numbered = numbered.order("rule_name, record_key").to_arrow_table()
    return propose_audits(numbered, dbt.config.meta_get("audit_size"))
