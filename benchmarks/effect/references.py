"""Measures, BM25 and speed beside the libraries that do the same.

    pip install implicit bm25s ir-measures
    python benchmarks/effect/references.py [--users 10000 --items 5000]

Simulated: no data are read. Times are CPU seconds of one thread (OMP_NUM_THREADS=1).
"""

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np
from scipy import sparse

HERE = Path(__file__).parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent)]

from report import save  # noqa: E402

from python_ml.effect.judging import Judge  # noqa: E402
from python_ml.effect.lexical import Bm25  # noqa: E402
from python_ml.effect.models.neighbours import popularity  # noqa: E402
from python_ml.effect.ranking_metrics import metrics_by_row, places  # noqa: E402
from python_ml.effect.split import Problem  # noqa: E402
from python_ml.effect.training import Slots, Training  # noqa: E402

COLUMNS = ["question", "tool", "measure", "value"]


def measures() -> list[tuple]:
    """NDCG (linear gain), recall and reciprocal rank of 300 rankings without ties."""
    import ir_measures
    from ir_measures import RR, R, nDCG

    rng = np.random.default_rng(0)
    scores = rng.permuted(np.tile(np.arange(400.0), (300, 1)), axis=1)
    gains = rng.choice([0, 1, 2, 3], (300, 400), p=[0.96, 0.02, 0.01, 0.01])
    row, column = np.nonzero(gains)
    ours = metrics_by_row(
        places(scores, row, column), gains[row, column].astype(float), len(scores)
    )
    labels = [
        ir_measures.Qrel(str(r), str(c), int(gains[r, c]))
        for r, c in zip(row, column, strict=True)
    ]
    run = [
        ir_measures.ScoredDoc(str(r), str(c), float(scores[r, c]))
        for r in range(300)
        for c in range(400)
    ]
    wanted = {
        "ndcg_at_10": nDCG @ 10,
        "ndcg_at_100": nDCG @ 100,
        "recall_at_100": R @ 100,
        "mrr": RR,
    }
    found = []
    for name, measure in wanted.items():
        theirs = {
            int(each.query_id): each.value
            for each in ir_measures.iter_calc([measure], labels, run)
        }
        apart = max(abs(ours[name][r] - value) for r, value in theirs.items())
        found.append(("measures without ties", "ir_measures", f"{name}, apart", apart))
    return found


def bm25() -> list[tuple]:
    """Scores of 10,000 texts for 300 queries, method lucene."""
    import bm25s

    rng = np.random.default_rng(1)
    share = 1 / np.arange(1, 20_001)
    share /= share.sum()
    words = np.array([f"w{number}" for number in range(20_000)])
    texts = [
        words[rng.choice(20_000, rng.integers(1, 80), p=share)].tolist()
        for _ in range(10_000)
    ]
    queries = [
        words[np.unique(rng.choice(20_000, 3, p=share))].tolist() for _ in range(300)
    ]
    began = time.process_time()
    index = Bm25(texts, k1=1.5, b=0.75)
    ours = index.scores(index.asked(queries))
    seconds = time.process_time() - began
    began = time.process_time()
    other = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    other.index(texts, show_progress=False)
    theirs = np.stack([other.get_scores(query) for query in queries])
    their_seconds = time.process_time() - began
    scale = np.abs(ours).max()
    return [
        (
            "BM25",
            "bm25s lucene",
            "apart, of the largest",
            np.abs(ours - theirs).max() / scale,
        ),
        ("BM25", "Assay", "CPU seconds", seconds),
        ("BM25", "bm25s lucene", "CPU seconds", their_seconds),
    ]


def speed(users: int, items: int, each: int) -> list[tuple]:
    """Five measures of given factors over all items, beside four of implicit."""
    from implicit.cpu.als import AlternatingLeastSquares
    from implicit.evaluation import ranking_metrics_at_k

    rng = np.random.default_rng(2)
    of_users = rng.normal(size=(users, 64)).astype(np.float32)
    of_items = rng.normal(size=(items, 64)).astype(np.float32)

    def drawn(count: int) -> sparse.csr_matrix:
        row = np.repeat(np.arange(users), count)
        column = rng.integers(0, items, len(row))
        found = sparse.csr_matrix(
            (np.ones(len(row), np.float32), (row, column)), (users, items)
        )
        found.data[:] = 1
        return found

    before, after = drawn(each), drawn(10)
    after = (after - after.multiply(before)).tocsr()
    after.eliminate_zeros()
    everything = np.arange(items)
    training = Training(before, before, before, everything, everything)
    problem = Problem(
        0.0,
        np.arange(users),
        everything,
        after.astype(bool),
        before.astype(bool),
        0,
        0.0,
    )
    judge = Judge(problem, training, Slots(everything, items))
    began = time.process_time(), time.perf_counter()
    judged = judge.judge(
        lambda chosen: of_users[chosen] @ of_items.T, popularity(training), ("new",)
    )
    ours = time.process_time() - began[0], time.perf_counter() - began[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    model = AlternatingLeastSquares(factors=64, num_threads=1)
    model.user_factors, model.item_factors = of_users, of_items
    began = time.process_time(), time.perf_counter()
    theirs = ranking_metrics_at_k(
        model, before, after, K=10, show_progress=False, num_threads=1
    )
    other = time.process_time() - began[0], time.perf_counter() - began[1]
    what = f"{users:,} users x {items:,} items, {before.nnz:,} known"
    return [
        (what, "Assay, NDCG and recall at 10 and 100, MRR", "CPU seconds", ours[0]),
        (what, "Assay", "seconds", ours[1]),
        (what, "Assay", "peak GiB", peak),
        (what, "Assay", "NDCG@10", float(np.nanmean(judged["new"].values[:, 0]))),
        (what, "implicit, four measures at 10", "CPU seconds", other[0]),
        (what, "implicit", "seconds", other[1]),
        (what, "implicit", "NDCG@10", float(theirs["ndcg"])),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=5_000)
    parser.add_argument("--each", type=int, default=100, help="products of a user")
    parser.add_argument("--out", type=Path, default=HERE / "results")
    options = parser.parse_args()
    found = measures() + bm25() + speed(options.users, options.items, options.each)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    lines = ["# Effect, beside libraries", ""]
    lines += ["| question | tool | measure | value |", "| --- | --- | --- | ---: |"]
    lines += [
        f"| {' | '.join(row[name] for name in COLUMNS[:3])} | {row['value']:.4g} |"
        for row in rows
    ]
    print(save(rows, COLUMNS, lines, options.out / "effect_references"))


if __name__ == "__main__":
    main()
