"""Products that are no duplicates stay apart; what is merged unasked says the same."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.build import MODELS_ONLY, ROOT, Project

CASES = Path(os.environ.get("ASSAY_TEST_CASES", ROOT.parent / "shared" / "cases"))
VARIANTS = CASES / "product_variants.csv"
MERGES = "+fct_repairs +int_product_crosswalk"
# Title, brand, price; each line is another product than the one before.
APART = [
    ("Rive Noire Eau de Parfum 50 ml", "Rive", 49.0),
    ("Rive Noire Eau de Parfum 100 ml", "Rive", 55.0),
    ("Rive Noire Eau de Parfum 100 ml x2", "Rive", 55.0),
    ("Rive Noire Eau de Parfum pour Homme 100 ml", "Rive", 55.0),
    ("Rive Noire Eau de Parfum pour Femme 100 ml", "Rive", 55.0),
    ("Lumen Vanity Panel Clear 60 cm", "Lumen", 80.0),
    ("Lumen Vanity Panel Mirror 60 cm", "Lumen", 80.0),
    ("Trailhead Hiking Boot Herren 42", "Trailhead", 120.0),
    ("Trailhead Hiking Boot Damen 42", "Trailhead", 120.0),
    ("Orbit Note 9 128GB", "Orbit", 500.0),
    ("Orbit Note 9+ 128GB", "Orbit", 520.0),
    ("Orbit Note 9 Pro 128GB", "Orbit", 520.0),
    ("Orbit Note 9 128GB Refurbished", "Orbit", 480.0),
    ("Orbit Note 9 128GB EU", "Orbit", 500.0),
    ("Orbit Note 9 128GB US", "Orbit", 500.0),
    ("Kestrel Book 14 i5 16GB 512GB", "Kestrel", 900.0),
    ("Kestrel Book 14 i7 16GB 512GB", "Kestrel", 990.0),
    ("Kestrel Watch Series 6", "Kestrel", 300.0),
    ("Kestrel Watch Series 7", "Kestrel", 300.0),
    ("Pinewood Door Handle Left", "Pinewood", 20.0),
    ("Pinewood Door Handle Right", "Pinewood", 20.0),
    ("Pinewood Tea Towel", "Pinewood", 8.0),
    ("Pinewood Tea Towel 2er Set", "Pinewood", 9.0),
    ("Pinewood Tea Towel pack of 3", "Pinewood", 9.0),
    ("Denim Trouser W32 L34", "Selvedge", 70.0),
    ("Denim Trouser W34 L32", "Selvedge", 70.0),
    ("Filter for Mistral KX-4410 Kettle", "Mistral", 30.0),
    ("Mistral KX-4410 Kettle", "Mistral", 31.0),
    ("Mistral KX-4401 Kettle", "Mistral", 31.0),
    # Equal titles: another brand, another price, a kind.
    ("Stoneware Serving Bowl Ash", "Hollow", 25.0),
    ("Stoneware Serving Bowl Ash", "Farrow", 25.0),
    ("Oak Bench Verdun", "Hollow", 90.0),
    ("Oak Bench Verdun", "Hollow", 240.0),
    ("Gift Wrap Everyday", "Farrow", 4.0),
    ("Gift Wrap Everyday", "Farrow", 4.0),
]
# What another source system calls some of them, with the place of the product.
AGAIN = [
    ("RIVE Noire, Eau de Parfum (50ml)", "Rive", 48.0, 0),
    ("Noire Eau de Parfum 100ml", "Rive", 54.0, 1),
    ("Lumen 60cm clear vanity panel", "Lumen", 79.0, 5),
    ("Orbit Note 9 Plus (128 GB)", "Orbit", 515.0, 10),
    ("Kestrel Book 14, i7, 512 GB, 16 GB", "Kestrel", 980.0, 16),
    ("Mistral KX4410 kettle", "Mistral", 30.5, 27),
    ("Gift wrap everyday", "Farrow", 4.0, None),
]


def catalogue() -> pd.DataFrame:
    """The products above; `truth` says which rows are one."""
    rows = [(f"a{n:02}", "shop", *row, n) for n, row in enumerate(APART)]
    rows += [
        (f"b{n:02}", "erp", *row[:3], 100 + n if row[3] is None else row[3])
        for n, row in enumerate(AGAIN)
    ]
    names = ["product_id", "source_system", "title", "brand", "price", "truth"]
    return pd.DataFrame(rows, columns=names)


def built(rows: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, str]:
    """The merges of a catalogue, and what the build said."""
    project = Project(folder)
    rows = rows.drop(columns="truth", errors="ignore")
    rows = rows.assign(updated_at="2026-06-01 10:00:00")
    rows.to_parquet(project.folder / "products.parquet")
    result = project.build(
        {"feeds": {"products": None}, "as_of": "2026-12-01"},
        MODELS_ONLY,
        select=MERGES,
        repairs=True,
    )
    merges = project.query("""
        select split_part(record_key, '|', 1) as product_id, proposed_value, confidence,
            status
        from fct_repairs where action = 'merge'
    """)
    return merges, result.output


def judged(merges: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    truth = rows.set_index("product_id").truth
    one, other = (merges[name].map(truth) for name in ("product_id", "proposed_value"))
    return merges.assign(is_right=(one == other).to_numpy())


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    rows = catalogue()
    merges, output = built(rows, tmp_path_factory.mktemp("variants"))
    return judged(merges, rows), output


def test_no_variant_is_merged_into_another(variants):
    merges, _ = variants
    applied = merges[merges.status == "applied"]
    assert applied[~applied.is_right].empty


def test_what_says_the_same_is_merged(variants):
    merges, _ = variants
    applied = merges[merges.status == "applied"]
    assert set(applied.product_id) == {f"b{n:02}" for n in range(len(AGAIN) - 1)}


def test_each_merge_meets_the_threshold_by_itself(variants):
    merges, _ = variants
    assert (merges.confidence[merges.status == "applied"] >= 0.99).all()
    assert (merges.confidence[merges.status == "proposed"] < 0.99).all()


def test_many_merges_are_warned_of_in_one_line(variants):
    _, output = variants
    lines = [line for line in output.splitlines() if "are merged into others" in line]
    assert len(lines) == 1
    assert f"{len(AGAIN) - 1} of {len(APART) + len(AGAIN)} products" in lines[0]


def without_titles() -> pd.DataFrame:
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "product_id": [f"p{number:03}" for number in range(200)],
            "source_system": "shop",
            "category": "Home",
            "brand": random.integers(1, 30, 200).astype(str),
            "price": random.integers(2, 9, 200).astype(float),
        }
    )


def hashed() -> pd.DataFrame:
    random = np.random.default_rng(6)
    codes = [f"{value:032x}" for value in random.integers(2**40, 2**50, 30)]
    rows = without_titles().iloc[:60]
    return rows.assign(title=codes * 2, source_system=["shop", "erp"] * 30)


def kinds() -> pd.DataFrame:
    names = ["GIFT-WRAP EVERYDAY", "BREAD:ITALIAN/FRENCH", "FRZN ICE 22 LB", "CANDLES"]
    rows = without_titles().assign(title=names * 50)
    rows.loc[:9, "title"] = [f"Tableware Larkfield {n}00" for n in range(10)]
    return rows


@pytest.mark.parametrize("make", [without_titles, hashed, kinds])
def test_without_names_nothing_is_merged_and_a_line_says_so(make, tmp_path):
    merges, output = built(make(), tmp_path)
    assert merges.empty
    lines = [line for line in output.splitlines() if "Near duplicates:" in line]
    assert len(lines) == 1
    assert "too few to tell duplicates from products of one kind" in lines[0]
    assert "are merged into others" not in output


@pytest.mark.skipif(not VARIANTS.is_file(), reason="the small inputs are absent")
def test_variants_of_the_small_inputs_stay_apart(tmp_path):
    rows = pd.read_csv(VARIANTS)
    merges, _ = built(rows, tmp_path)
    merges = judged(merges, rows)
    applied = merges[merges.status == "applied"]
    assert applied[~applied.is_right].empty
    twins = rows.truth.duplicated(keep=False) & (rows.source_system == "erp")
    assert applied.is_right.sum() >= 0.5 * twins.sum()


def test_a_higher_threshold_for_all_holds_for_merges_too(tmp_path):
    project = Project(tmp_path)
    rows = [(f"p{row}", "shop", f"Kestrel Lamp Model K{row} 40 W") for row in range(30)]
    rows += [(f"q{row}", "erp", f"Kestrel Lamp Model K{row} 40 W") for row in range(9)]
    frame = pd.DataFrame(rows, columns=["product_id", "source_system", "title"])
    frame.to_parquet(tmp_path / "products.parquet")
    applied = []
    for default in (0.5, 0.9999):
        vars = {"feeds": {"products": {}}, "repair_thresholds": {"default": default}}
        project.build(vars, env=MODELS_ONLY, select=MERGES, repairs=True)
        found = project.query("from fct_repairs where method = 'near_duplicate'")
        applied.append((found.status == "applied").sum())
    assert applied == [9, 0]
