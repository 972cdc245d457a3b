"""Where source systems disagree: what each is worth is learned from all they say."""

import numpy as np
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, Project

# How often each source system names the wrong brand.
ERROR_RATES = {"erp": 0.01, "shop": 0.05, "scraper": 0.4}
BRANDS = [f"Brand {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """600 products of three source systems; 200 are in two of them only.

    One more changed last in a time to come, one system says.
    """
    random = np.random.default_rng(7)
    rows = []
    for number in range(600):
        brand = random.choice(BRANDS)
        systems = list(ERROR_RATES) if number < 400 else ["erp", "scraper"]
        for system in systems:
            is_wrong = random.random() < ERROR_RATES[system]
            others = [other for other in BRANDS if other != brand]
            rows.append(
                {
                    "product_id": f"p{number:03}",
                    "source_system": system,
                    "brand": random.choice(others) if is_wrong else brand,
                    "true_brand": brand,
                    "updated_at": "2026-06-01 10:00:00",
                }
            )
    for system, price, time in [("erp", 10, "2026-06-01"), ("shop", 99, "2031-01-01")]:
        rows.append(
            {
                "product_id": "n1",
                "source_system": system,
                "brand": "Brand A",
                "true_brand": "Brand A",
                "price": price,
                "updated_at": f"{time} 10:00:00",
            }
        )
    rows = pd.DataFrame(rows)
    project = Project(tmp_path_factory.mktemp("sources"))
    rows.drop(columns="true_brand").to_parquet(project.folder / "products.parquet")
    project.build(
        {"feeds": {"products": None}, "as_of": "2026-07-01"}, MODELS_ONLY, repairs=True
    )
    repairs = project.query("""
        select record_key, proposed_value, confidence, status
        from fct_repairs where method = 'disagreement' and column_name = 'brand'
    """)
    rows["record_key"] = rows.product_id + "|" + rows.source_system
    integrated = project.query("from assay_repaired.repaired_integrated_products")
    return rows, repairs.merge(rows, on="record_key"), integrated


def test_of_two_the_one_is_right_that_is_right_more_often(build):
    _, repairs, _ = build
    of_two = repairs[repairs.product_id >= "p400"]
    assert len(of_two) > 50
    assert (of_two.source_system == "scraper").mean() > 0.95
    assert of_two.confidence.between(0.9, 0.999).all()


def test_what_is_applied_is_right_and_as_sure_as_it_says(build):
    rows, repairs, _ = build
    applied = repairs[repairs.status == "applied"]
    right = applied.proposed_value == applied.true_brand
    wrong_cells = (rows.brand != rows.true_brand).sum()
    assert right.mean() >= 0.98
    assert right.sum() >= 0.8 * wrong_cells
    assert abs(applied.confidence.mean() - right.mean()) < 0.02


def test_no_listing_is_the_newest_by_a_time_to_come(build):
    _, _, integrated = build
    product = integrated.set_index("product_id").loc["n1"]
    assert product.price == 10
    assert product.updated_at == pd.Timestamp("2026-06-01 10:00:00")
