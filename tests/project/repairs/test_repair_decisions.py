"""What people decide about repairs, also where it makes no sense."""

import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

COLUMNS = ["feed", "record_key", "occurrence", "column_name", "decision", "value"]
# Each with the state that it must have.
DECISIONS = [
    ("products", "p00|erp", None, "price", "reject", None, "followed"),
    ("products", "p00|erp", None, "price", "reject", None, "decided before"),
    ("products", "p02|erp", None, "brand", "use", "Handmade", "followed"),
    ("products", "p03|erp", None, "brand", "use", "Handmade", "nothing fails there"),
    ("users", "u1", None, None, "accept", None, "nothing fails there"),
    ("products", "p03|erp", None, None, "use", "p03", "no column"),
    ("products", "p04|erp", None, "currency", "accept", None, "contradictory"),
    ("products", "p04|erp", "1", "currency", "reject", None, "contradictory"),
    ("products", "p05|erp", None, "currency", " Accept", None, "followed"),
    ("products", "p05|erp", "2", "currency", "reject", None, "nothing fails there"),
    ("products", "p05|erp", "x", "currency", "reject", None, "occurrence is no number"),
    ("products", "p06|erp", None, "currency", "use", None, "no value"),
    ("products", "p06|erp", None, "currency", "perhaps", None, "no such decision"),
    ("products", "p06|erp", None, "currency", None, None, "no such decision"),
    ("products", "p07|erp", None, "price", "use", "abc", "followed"),
    ("products", "p07|shop", None, "price", "use", "7.5", "followed"),
    ("products", "p08|erp", None, None, "merge", "p09", "merge cycle"),
    ("products", "p09|erp", None, None, "merge", "p10", "merge cycle"),
    ("products", "p10|erp", None, None, "merge", "p08", "merge cycle"),
    ("products", "p11|erp", None, None, "merge", "p08", "followed"),
    ("users", "u1", "1", "email", "reject", None, "nothing fails there"),
    ("products", "p12|erp", "2", None, "reject", None, "followed"),
    ("products", "p13|erp", None, "brand", "accept", None, "nothing is proposed there"),
    ("products", "p16|erp", None, None, "merge", "p17", "contradictory"),
    ("products", "p16|shop", None, None, "merge", "p18", "contradictory"),
    ("products", "p99|erp", None, "price", "use", "1", "record is gone"),
    ("products", None, None, "price", "use", "1", "record is gone"),
    ("shops", "p01|erp", None, "price", "use", "1", "no such feed"),
    (None, "p01|erp", None, "price", "use", "1", "no such feed"),
    ("users", "u1", None, None, "merge", "u2", "only products are merged"),
]
VARS = {
    "feeds": {"products": None, "users": None},
    "as_of": "2026-07-01",
    "repair_thresholds": {"default": 0.9, "format": 1},
    "source_priority": {"products": ["shop", "erp"]},
}


def products() -> pd.DataFrame:
    """Two listings of each product, with what is decided about."""
    rows = [
        {
            "product_id": f"p{number:02}",
            "source_system": system,
            "title": f"Chair number {number}",
            "brand": "Nordic" if number % 2 else "Oakline",
            "price": f"{10 + number}.5",
            "currency": "EUR",
            "updated_at": "2026-06-01 10:00:00",
        }
        for number in range(20)
        for system in ["erp", "shop"]
    ]
    rows = pd.DataFrame(rows).set_index(["product_id", "source_system"])
    rows.loc[("p00", "erp"), "price"] = "call us"
    rows.loc[("p01", "erp"), "brand"] = "Lakeside"
    rows.loc[("p02", "erp"), "brand"] = None
    for product in ["p04", "p05", "p06"]:
        rows.loc[(product, "erp"), "currency"] = "eur"
    rows.loc["p07", "price"] = None
    rows.loc["p13", "brand"] = None
    rows.loc[("p14", "erp"), "title"] = "<b>Chair number 14</b>"
    rows.loc[("p15", "shop"), "brand"] = None
    rows = rows.reset_index()
    return pd.concat([rows, rows[rows.product_id == "p12"]], ignore_index=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("decisions"))
    products().to_parquet(project.folder / "products.parquet")
    users = pd.DataFrame({"user_id": ["u1", "u2"]})
    users.to_parquet(project.folder / "users.parquet")
    decisions = pd.DataFrame(DECISIONS, columns=[*COLUMNS, "state"])
    decisions[COLUMNS].assign(reason=None, decided_by=None, decided_at=None).to_csv(
        project.folder / "seeds/repair_decisions.csv", index=False
    )
    waiver = "rule_name,reason,waived_until\nproduct_title_is_clean,known,2026-07-31\n"
    project.write("seeds/waivers.csv", waiver)
    project.output = project.build(VARS, MODELS_ONLY, repairs=True).output
    return project


@pytest.fixture(scope="module")
def repairs(project):
    repairs = project.query("from fct_repairs")
    repairs = repairs.astype(object).where(repairs.notna(), None)
    return repairs.set_index(["record_key", "column_name", "occurrence"]).sort_index()


def repaired(project, product: str, system: str) -> dict:
    (row,) = project.query(
        "from assay_repaired.repaired_products"
        f" where product_id = '{product}' and source_system = '{system}'"
    ).to_dict("records")
    return {key: None if pd.isna(value) else value for key, value in row.items()}


def test_each_decision_is_followed_or_it_is_said_why_not(project):
    found = project.query(
        "select feed, record_key, occurrence_as_found, column_name, decision,"
        " decided_value, state from assay_intermediate.int_repair_decisions"
    )
    found = found.astype(object).where(found.notna(), None)
    wanted = [
        (*row[:4], row[4] and row[4].strip().lower(), *row[5:]) for row in DECISIONS
    ]
    assert sorted(found.itertuples(index=False, name=None), key=str) == sorted(
        wanted, key=str
    )
    mart = project.query("from fct_repair_decisions")
    assert (mart.is_followed == (mart.state == "followed")).all()
    assert sorted(mart.state) == sorted(row[-1] for row in DECISIONS)


def test_the_end_of_the_run_names_what_is_not_followed(project):
    said = [line for line in project.output.splitlines() if "not followed" in line]
    assert len(said) == 11
    assert said[-1].endswith(
        f"Decisions not followed: {ignored() - 10} more stand in fct_repair_decisions."
    )
    contradictory = (
        "Decision not followed: products, p04|erp, occurrence 1, currency, reject:"
        " contradictory."
    )
    assert any(line.endswith(contradictory) for line in said)


def ignored() -> int:
    return sum(state != "followed" for *_, state in DECISIONS)


def test_what_is_decided_is_done(project, repairs):
    def status(*place):
        return repairs.loc[place, "status"]

    assert status("p00|erp", "price", 1) == "rejected"
    assert repaired(project, "p00", "erp")["price_as_found"] == "call us"
    assert status("p02|erp", "brand", 1) == "applied"
    assert repaired(project, "p02", "erp")["brand"] == "Handmade"
    assert status("p05|erp", "currency", 1) == "applied"
    assert repaired(project, "p05", "erp")["currency"] == "EUR"
    assert repaired(project, "p07", "shop")["price"] == 7.5
    for product in ["p04", "p06"]:
        assert status(f"{product}|erp", "currency", 1) == "proposed"
        assert repaired(project, product, "erp")["currency"] == "eur"
    assert status("p12|erp", None, 2) == "rejected"
    assert status("p12|shop", None, 2) == "applied"
    assert repairs.index.is_unique


def test_a_given_value_that_does_not_cast_is_kept_as_it_was_given(project):
    row = repaired(project, "p07", "erp")
    assert (row["price"], row["price_as_found"]) == (None, "abc")


def test_repairs_of_a_waived_rule_are_not_applied(project, repairs):
    waived = repairs.loc["p14|erp", "title", 1]
    assert waived.rule_name == "product_title_is_clean"
    assert (waived.status, waived.proposed_value) == ("waived", "Chair number 14")
    assert repaired(project, "p14", "erp")["title"] == "<b>Chair number 14</b>"


def test_the_preferred_source_settles_a_disagreement(project, repairs):
    settled = repairs.loc["p01|erp", "brand", 1]
    assert (settled.status, settled.proposed_value) == ("applied", "Nordic")
    assert "the one that goes first" in settled.reason
    assert ("p01|shop", "brand", 1) not in repairs.index
    assert repaired(project, "p01", "erp")["brand"] == "Nordic"


def test_without_a_decision_the_threshold_decides(repairs):
    other = repairs.loc["p15|shop", "brand", 1]
    assert (other.status, other.proposed_value) == ("applied", "Nordic")
    assert other.confidence >= VARS["repair_thresholds"]["default"]
