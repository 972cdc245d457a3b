"""Which damages are measured, and those that were already."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RECOMMENDATION, SEARCH = "recommendation", "search"


@dataclass(frozen=True)
class Run:
    """One damage.

    Attributes:
        part: "recommendation" or "search".
        name: Of the kind, or `mix 1` and so on: of several kinds, to test with.
        rates: By kinds.
        seed: Of the random numbers.
    """

    part: str
    name: str
    rates: Mapping[str, float]
    seed: int

    @property
    def key(self) -> str:
        """What tells it from other runs."""
        return json.dumps([self.part, self.name, dict(self.rates), self.seed])


@dataclass(frozen=True)
class Measured:
    """What a run found: `loss` and its standard error, as shares."""

    part: str
    name: str
    rates: Mapping[str, float]
    seed: int
    loss: float
    error: float


def plan(
    part: str,
    kinds: Iterable[str],
    rates: Iterable[float],
    seeds: int,
    mixes: int,
) -> list[Run]:
    """List the runs of a part: each kind at each rate, then mixes to test with.

    A mix has each kind with a probability of .6, at a rate from 0 to .2; its seeds are
    none of those of single kinds.

    Args:
        part: "recommendation" or "search".
        kinds: Which damages.
        rates: Of single kinds.
        seeds: How many of each.
        mixes: How many.
    """
    kinds, rates = list(kinds), list(rates)
    runs = [
        Run(part, kind, {kind: rate}, seed)
        for seed in range(seeds)
        for kind in kinds
        for rate in rates
    ]
    rng = np.random.default_rng([20261128, zlib.crc32(part.encode())])
    for number in range(mixes):
        drawn = rng.random(len(kinds)) < 0.6
        amounts = np.round(rng.random(len(kinds)) * 0.2, 4)
        mixed = {
            kind: float(amount)
            for kind, is_in, amount in zip(kinds, drawn, amounts, strict=True)
            if is_in
        }
        runs += [
            Run(part, f"mix {number + 1}", mixed, 1000 + 2 * number + seed)
            for seed in range(min(seeds, 2))
            if mixed
        ]
    return runs


class RunLog:
    """A file of what was measured, one line a run: a calibration goes on where it was.

    A line that was cut off when the process was killed is dropped; so is what was
    measured of other data or by other code.
    """

    def __init__(self, path: Path, state: str) -> None:
        """Open the file, or begin one.

        Args:
            path: Of the file, in a folder that is there.
            state: What results depend on: of the data and the code.
        """
        self._path = path
        self._state = state
        self._known: dict[str, Measured] = {}
        kept = [line for line in self._lines() if line["state"] == state]
        for line in kept:
            values = {name: line[name] for name in Measured.__dataclass_fields__}
            self._known[line["key"]] = Measured(**values)
        partial = path.with_name(path.name + ".partial")
        partial.write_text(
            "".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8"
        )
        partial.replace(path)

    def __len__(self) -> int:
        """Return how many runs are known."""
        return len(self._known)

    def found(self, run: Run) -> Measured | None:
        """Return what was measured of a run, if it was."""
        return self._known.get(run.key)

    def add(self, run: Run, measured: Measured) -> None:
        """Write what was measured, and wait until it is on the disk."""
        line = {"state": self._state, "key": run.key, **asdict(measured)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._known[run.key] = measured

    def _lines(self) -> Iterator[dict]:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                found = json.loads(line)
            except json.JSONDecodeError:
                continue  # It was cut off.
            if isinstance(found, dict) and {"state", "key", "loss"} <= set(found):
                yield found
