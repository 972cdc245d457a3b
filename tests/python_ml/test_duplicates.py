"""Near-duplicate products: what is planted is found, and nothing depends on order."""

import os
from pathlib import Path

import numpy as np
import pytest

from python_ml.duplicates import find_duplicates

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("ASSAY_TEST_DATA", ROOT.parent / "shared" / "data"))
PRICERUNNER = DATA / "pricerunner"
BRANDS = ("Northwind", "Larkfield", "Amberly", "Fernhill", "Redthorn")
THINGS = ("desk lamp", "office monitor", "chef knife", "hair dryer", "yoga mat")
WORDS = ("black", "new", "genuine", "boxed", "with cable", "free delivery")


def planted(products: int, seed: int) -> tuple[list, list, np.ndarray]:
    """Return offers of products by up to four shops, the shops, and the products."""
    random = np.random.default_rng(seed)
    texts, sources, truth = [], [], []
    for product in range(products):
        brand, thing = random.choice(BRANDS), random.choice(THINGS)
        code = f"{brand[:2].upper()}{random.integers(10_000, 99_999)}"
        for shop in random.choice(4, random.integers(1, 5), replace=False):
            more = random.choice(WORDS, 2, replace=False)
            texts.append(f"{brand} {thing} {code} {' '.join(more)}")
            sources.append(f"shop {shop}")
            truth.append(product)
    return texts, sources, np.array(truth)


def pairwise(found, truth) -> tuple[float, float]:
    """Return precision and recall of the pairs within clusters."""
    found, truth = np.asarray(found), np.asarray(truth)
    one, other = np.triu_indices(len(found), 1)
    joined, right = found[one] == found[other], truth[one] == truth[other]
    both = (joined & right).sum()
    return both / max(1, joined.sum()), both / max(1, right.sum())


@pytest.fixture(scope="module")
def shop():
    texts, sources, truth = planted(150, seed=1)
    return find_duplicates(texts, sources=sources), texts, sources, truth


def test_planted_duplicates_are_found(shop):
    found, _, _, truth = shop
    precision, recall = pairwise(found.proposed_cluster, truth)
    assert precision > 0.95
    assert recall > 0.95
    precision, recall = pairwise(found.cluster, truth)
    assert precision > 0.98
    assert recall > 0.5
