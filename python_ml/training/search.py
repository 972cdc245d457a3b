"""A small search of settings: `search_settings`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_ml.training.metrics import remaining_error
from python_ml.training.report import TrainingReport, only_report
from python_ml.training.settings import TrainingSettings
from python_ml.training.train import train

TRIALS = "trials"  # Folder of the runs that were tried, in that of the best.
_FACTOR = 4.0  # Learning rates are tried up to so many times as high, or as low.
_BATCH_SIZES = (16, 32, 64, 128)


def tried_settings(settings: TrainingSettings, trials: int) -> list[TrainingSettings]:
    """Return the settings to try, those that were given first.

    A scrambled Halton sequence over the learning rates of model and head and the rows a
    step (Halton 1960; Bergstra and Bengio 2012 on why no grid). A library that learns
    from the trials, such as Optuna with its TPE, begins with ten at random: of so few
    it learns nothing, and leaves larger gaps than a sequence that fills the space.

    Args:
        settings: What all trials have in common; of the rates, the middle.
        trials: How many, 2 or more.

    Raises:
        ValueError: If there are fewer, or the method has nothing to search.
    """
    from scipy.stats import qmc

    if isinstance(trials, bool) or not isinstance(trials, int) or trials < 2:
        raise ValueError(
            f"search must be a number of trials from 2 on, not {trials!r}."
        )
    if settings.method == "head":
        raise ValueError(
            "The method head has nothing to search: each run chooses its penalty."
        )
    points = qmc.Halton(3, scramble=True, rng=settings.seed).random(trials - 1)
    pace = settings.pace
    return [settings] + [
        replace(
            settings,
            learning_rate=_rounded(pace.learning_rate * _FACTOR ** (2 * one - 1)),
            head_learning_rate=_rounded(
                pace.head_learning_rate * _FACTOR ** (2 * two - 1)
            ),
            batch_size=_BATCH_SIZES[int(three * len(_BATCH_SIZES))],
        )
        for one, two, three in points.tolist()
    ]


def _rounded(rate: float) -> float:
    return float(f"{rate:.2g}")


def search_settings(
    texts: Sequence,
    labels: Sequence,
    folder: str | os.PathLike,
    trials: int,
    *,
    settings: TrainingSettings | None = None,
    **arguments: Any,
) -> TrainingReport:
    """Train with several settings, and keep the model that is best by their metric.

    All trials hold out the same rows, so that the best of many looks a little better on
    them than it is. Of the others the reports stay, in `trials/`, and with them their
    curves. A search that was stopped goes on where it was.

    Args:
        texts: As of `train`.
        labels: As of `train`.
        folder: Where the best one is written to.
        trials: How many settings are tried, 2 or more; the first are those given.
        settings: What all have in common; None for the defaults.
        arguments: Others of `train`: device, resume, progress, export.

    Returns:
        The report of the best.

    Raises:
        ValueError: As of `train`, or if there is nothing to search.
    """
    given = settings or TrainingSettings()
    export = arguments.pop("export", None)
    folder = Path(folder)
    best: tuple[tuple[float, float], TrainingSettings, Path] | None = None
    for number, one in enumerate(tried_settings(given, trials), 1):
        place = folder / TRIALS / f"{number:02d}"
        report = train(texts, labels, place, settings=one, **arguments)
        error = remaining_error(report.after, given.metric, report.rows_held_out)
        if best is None or error < best[0]:
            if best is not None:
                only_report(best[2])
            best = error, one, place
        else:
            only_report(place)
    assert best is not None
    for file in best[2].iterdir():
        target = folder / file.name
        if target.is_dir():
            shutil.rmtree(target)
        (shutil.copytree if file.is_dir() else shutil.copy)(file, target)
    only_report(best[2])
    arguments["resume"] = True
    return train(texts, labels, folder, settings=best[1], export=export, **arguments)
