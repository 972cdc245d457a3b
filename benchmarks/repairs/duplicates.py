"""Near-duplicate products: found, joined, and at what cost.

    HF_HUB_OFFLINE=1 python benchmarks/repairs/duplicates.py --data FOLDER

FOLDER holds pricerunner/products.parquet and truth_same_product.parquet, of which the
truth is for measuring only, and matching/abt_buy.parquet and walmart_amazon.parquet, on
which `--fit` fits the coefficients of python_ml/duplicates/pairs.py.
"""

import argparse
import re
import resource
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from quality_of_scores import f1  # noqa: E402
from report import save  # noqa: E402

from python_ml.duplicates.find import find_duplicates  # noqa: E402
from python_ml.duplicates.pairs import COEFFICIENTS, Compared  # noqa: E402

# Fields by which the labelled pairs are compared: with little and with much to go by.
VIEWS = {
    "abt_buy": (("name",), ("name", "price"), ("name", "description", "price")),
    "walmart_amazon": (
        ("title",),
        ("title", "price"),
        ("title", "brand", "modelno", "price"),
    ),
}
COLUMNS = ["data", "method", "measure", "value"]
NUMBER = re.compile(r"\d+")


def labelled(folder: Path) -> list[dict]:
    """Return the measures of the labelled pairs, once for each view."""
    import pandas as pd

    found = []
    for name, views in VIEWS.items():
        table = pd.read_parquet(folder / "matching" / f"{name}.parquet").fillna("")
        for fields in views:
            sides = [
                "\n".join(row)
                for prefix in ("l", "r")
                for row in table[[f"{prefix}_{field}" for field in fields]]
                .astype(str)
                .to_numpy()
            ]
            texts, place = np.unique(sides, return_inverse=True)
            left, right = place[: len(table)], place[len(table) :]
            found.append(
                {
                    "data": name,
                    "view": ", ".join(fields),
                    "measures": Compared.of_texts(texts.tolist()).measures(left, right),
                    "label": table["label"].to_numpy(),
                    "split": table["split"].to_numpy(),
                }
            )
    return found


def fitted(parts: list[dict], splits: tuple = ("train", "valid", "test")):
    """Return a logistic regression of the parts' pairs in the splits."""
    from sklearn.linear_model import LogisticRegression

    rows = [np.isin(part["split"], splits) for part in parts]
    return LogisticRegression(max_iter=3000).fit(
        np.concatenate([p["measures"][r] for p, r in zip(parts, rows, strict=True)]),
        np.concatenate([p["label"][r] for p, r in zip(parts, rows, strict=True)]),
    )


def pair_model(parts: list[dict]):
    """Yield F1 of the pair model: on held-out pairs, and on a held-out data set."""
    within = fitted(parts, ("train", "valid"))
    for part in parts:
        test = part["split"] == "test"
        others = [other for other in parts if other["data"] != part["data"]]
        for method, model, rows in (
            ("fitted on the other pairs of both", within, test),
            ("fitted on the other data only", fitted(others), test),
        ):
            predicted = model.predict(part["measures"][rows]) == 1
            yield {
                "data": part["data"],
                "method": f"{method}; {part['view']}",
                "measure": "F1 of test pairs",
                "value": f1(predicted, part["label"][rows] == 1),
            }


def pairwise(found: np.ndarray, truth: np.ndarray) -> dict:
    """Return precision, recall and F1 of the pairs of rows within clusters."""

    def pairs(numbers: np.ndarray) -> int:
        sizes = np.unique(numbers, return_counts=True)[1]
        return int((sizes * (sizes - 1) // 2).sum())

    both = pairs(found.astype(np.int64) * (truth.max() + 1) + truth)
    joined, true = pairs(found), pairs(truth)
    return {
        "precision": both / max(joined, 1),
        "recall": both / true,
        "F1": 2 * both / (joined + true),
    }


def cosine_clusters(titles: list[str], least: float, numbers: bool) -> np.ndarray:
    """Return connected components of pairs with a great cosine of TF-IDF vectors.

    Args:
        titles: n titles.
        least: Cosine from which a pair is joined.
        numbers: Whether all numbers of both must be the same.
    """
    import scipy.sparse as sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(token_pattern=r"\S+").fit_transform(titles)
    said = [frozenset(NUMBER.findall(title)) for title in titles]
    ones, others = [], []
    for start in range(0, len(titles), 1024):
        near = (vectors[start : start + 1024] @ vectors.T).tocoo()
        is_near = near.data >= least
        ones.append(near.row[is_near] + start)
        others.append(near.col[is_near])
    one, other = np.concatenate(ones), np.concatenate(others)
    if numbers:
        agree = np.array([said[a] == said[b] for a, b in zip(one, other, strict=True)])
        one, other = one[agree], other[agree]
    graph = sparse.coo_matrix(
        (np.ones(len(one)), (one, other)), shape=(len(titles),) * 2
    )
    return sparse.csgraph.connected_components(graph)[1]


def quality(folder: Path):
    """Yield how well the offers of PriceRunner are put together."""
    titles, sources, truth = offers(folder)
    for numbers in (False, True):
        # The best for the reference: chosen on the truth.
        found = max(
            (
                pairwise(cosine_clusters(titles, least, numbers), truth) | {"at": least}
                for least in (0.6, 0.7, 0.8, 0.9)
            ),
            key=lambda one: one["F1"],
        )
        name = f"TF-IDF cosine {found.pop('at')} and closure"
        name += ", numbers agree" * numbers
        yield from rows_of("pricerunner", name, found)
    for name, options in (
        ("with sources", {"sources": sources}),
        ("without sources", {}),
        (
            "with sources and n-gram neighbours",
            {"sources": sources, "encoder": "ngrams"},
        ),
    ):
        started, spent = time.perf_counter(), time.process_time()
        found = find_duplicates(titles, **options)
        seconds, spent = time.perf_counter() - started, time.process_time() - spent
        for kind, cluster, estimated in (
            ("automatic", found.cluster, found.precision),
            ("proposed", found.proposed_cluster, found.proposed_precision),
        ):
            measured = pairwise(cluster, truth) | {"estimated precision": estimated}
            yield from rows_of("pricerunner", f"{name}, {kind}", measured)
        cost = {"seconds": seconds, "CPU seconds": spent}
        yield from rows_of("pricerunner", name, cost)
        yield from rows_of("pricerunner", name, calibration(found, truth))


def calibration(found, truth: np.ndarray) -> dict:
    """Return the true share of listed pairs by probability."""
    is_right = truth[found.left] == truth[found.right]
    measured = {}
    for low, high in ((0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        rows = (found.probability >= low) & (found.probability < high)
        mean = found.probability[rows].mean()
        measured[f"true share of pairs at {mean:.2f}"] = is_right[rows].mean()
    return measured


def offers(folder: Path) -> tuple[list[str], list[str], np.ndarray]:
    """Return titles, merchants and true products of PriceRunner."""
    import pandas as pd

    table = pd.read_parquet(folder / "pricerunner" / "products.parquet")
    truth = pd.read_parquet(folder / "pricerunner" / "truth_same_product.parquet")
    table = table.merge(truth, on="product_id", validate="one_to_one")
    return (
        table["title"].tolist(),
        table["source_system"].tolist(),
        table["cluster_id"].to_numpy(),
    )


def enlarged(titles: list[str], sources: list[str], copies: int):
    """Return copies of the offers, each about other products of the same kind.

    In each copy every token with a digit in it has each digit moved by as many, and
    the longer words end otherwise: the products of two copies share common words.
    """
    texts, owners = [], []
    for copy in range(copies):
        turned = str.maketrans("0123456789", "0123456789"[copy:] + "0123456789"[:copy])
        for title, source in zip(titles, sources, strict=True):
            words = title.translate(turned).split()
            texts.append(" ".join(w + "abcdefghij"[copy] * (len(w) > 6) for w in words))
            owners.append(source)
    return texts, owners


def cost(folder: Path, copies: int):
    """Yield what so many copies of PriceRunner cost, in this process."""
    titles, sources, truth = offers(folder)
    texts, owners = enlarged(titles, sources, copies)
    truth = np.concatenate([truth + copy * (truth.max() + 1) for copy in range(copies)])
    started, spent = time.perf_counter(), time.process_time()
    found = find_duplicates(texts, sources=owners)
    measured = {
        "seconds": time.perf_counter() - started,
        "CPU seconds": time.process_time() - spent,
        "peak GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "pairs listed": len(found.left),
        "F1 of proposed clusters": pairwise(found.proposed_cluster, truth)["F1"],
    }
    yield from rows_of(f"{len(texts):,} offers", "with sources", measured)


def rows_of(data: str, method: str, measured: dict):
    """Yield a row per measure."""
    for measure, value in measured.items():
        yield {"data": data, "method": method, "measure": measure, "value": value}


def write(rows: list[dict], path: Path) -> str:
    """Write the rows as CSV and as a Markdown table, and return the latter."""
    lines = ["# Near-duplicate products", ""]
    lines += ["| data | method | measure | value |", "| --- | --- | --- | ---: |"]
    lines += [
        f"| {row['data']} | {row['method']} | {row['measure']} | {row['value']:,.3f} |"
        for row in rows
    ]
    return save(rows, COLUMNS, lines, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "results")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--fit", action="store_true", help="print coefficients")
    only.add_argument("--copies", type=int, help="measure the cost of so many copies")
    chosen = parser.parse_args()
    if chosen.fit:
        model = fitted(labelled(chosen.data))
        print(f"INTERCEPT = {model.intercept_[0]:.2f}")
        for name, value in zip(COEFFICIENTS, model.coef_[0], strict=True):
            print(f'    "{name}": {value:.2f},')
        return
    if chosen.copies:
        found, name = cost(chosen.data, chosen.copies), f"duplicates_{chosen.copies}"
    else:
        parts = labelled(chosen.data)
        found = (
            row for part in (pair_model(parts), quality(chosen.data)) for row in part
        )
        name = "duplicates"
    rows = []
    for row in found:
        rows.append(row)
        text = write(rows, chosen.out / name)
    print(text)


if __name__ == "__main__":
    main()
