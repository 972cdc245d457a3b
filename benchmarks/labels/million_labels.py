"""A million labels of 30 classes, judged after embedding: seconds and peak memory.

    python benchmarks/labels/million_labels.py [--rows 1000000] [--classes 30]

Texts are drawn from the words of their class and of all classes, embeddings lie around
the centre of their class; 5 % of the labels are wrong. Both are made before the clock
starts; their own memory counts.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from python_ml.labels.texts import score_labels  # noqa: E402

_DIMENSIONS = 384
_NOISE = 0.05


def simulate(rows: int, classes: int, seed: int):
    """Return texts, embeddings, given labels and whether they are wrong."""
    random = np.random.default_rng(seed)
    label = random.integers(0, classes, rows)
    centres = random.normal(size=(classes, _DIMENSIONS)).astype(np.float32)
    embeddings = np.empty((rows, _DIMENSIONS), np.float32)
    for start in range(0, rows, 50_000):
        part = label[start : start + 50_000]
        noise = random.normal(size=(len(part), _DIMENSIONS)).astype(np.float32)
        vectors = centres[part] + 6 * noise
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        embeddings[start : start + 50_000] = vectors
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["".join(letters[random.integers(0, 26, 6)]) for _ in range(4000)]
    own = random.integers(0, 60, (rows, 2)) + 60 * label[:, None]
    other = random.integers(0, len(words), (rows, 3))
    places = np.concatenate([own, other], axis=1).tolist()
    texts = [
        " ".join([*(words[place] for place in row), str(number)])
        for number, row in enumerate(places)
    ]
    wrong = random.random(rows) < _NOISE
    given = np.where(
        wrong, (label + random.integers(1, classes, rows)) % classes, label
    )
    return texts, embeddings, given, wrong


def main() -> None:
    """Run once and print the figures."""
    from sklearn.metrics import average_precision_score

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=30)
    options = parser.parse_args()
    texts, embeddings, given, wrong = simulate(options.rows, options.classes, 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    scores = score_labels(
        texts, given, embeddings=embeddings, encoder="minilm", device="cpu"
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    precision = average_precision_score(wrong, scores.error_probability)
    print(
        f"{options.rows:,} rows, {options.classes} classes: {wall:.0f} s ({cpu:.0f} CPU"
        f" s), peak {peak / 2**20:.2f} GiB (data alone {before / 2**20:.2f}),"
        f" AP {precision:.3f}, rate {scores.error_rate:.4f} of {wrong.mean():.4f}"
    )


if __name__ == "__main__":
    main()
