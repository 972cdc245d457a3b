"""The head alone, on states of the frozen model: a convex problem, which is solved."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from python_ml.common.softmax_regression import Features, fit_softmax
from python_ml.training.loop import Fitted, Plan
from python_ml.training.metrics import Metrics, remaining_error
from python_ml.training.model import head_only, last_linear
from python_ml.training.settings import PACES

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

# How far weights may grow, tried from the least on, until two brought nothing.
_STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
_PATIENCE = 2
_SEARCHED = 4000  # Rows trained on from which the strength is chosen.
_SEARCH_ITERATIONS = 15
# Before fine-tuning. A head that fits the labels leaves the model nothing to learn, and
# makes it too sure of itself: benchmarks/README.md.
_WEAK = 1.0
_AT_ONCE = 8192  # Rows that the layers below the last one see at a time.


def solved_head(
    model: PreTrainedModel,
    states_of: Callable[[PreTrainedModel], torch.Tensor],
    plan: Plan,
    checkpoint: Path,
) -> Fitted:
    """Solve the head of a model, or read it where that was done before.

    Args:
        model: With its backbone, which is left alone.
        states_of: Gives what a backbone gives the head of all rows (`pooled_states`).
        plan: What holds for the whole run.
        checkpoint: Where the solution is kept for a run that is killed later.

    Returns:
        What was done, `Fitted.history` of `solve_head`.
    """
    import torch

    layer = last_linear(model)
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        with torch.no_grad():
            layer.weight.copy_(state["weight"])
            layer.bias.copy_(state["bias"])
        return Fitted(
            tuple(Metrics(*found) for found in state["history"]),
            state["best_epoch"],
            layer.weight.numel() + layer.bias.numel(),
            state["seconds"],
        )
    started = time.monotonic()
    with head_only(model) as backbone:
        history, best = solve_head(model, states_of(backbone), plan)
    seconds = time.monotonic() - started
    partial = checkpoint.with_name(checkpoint.name + ".partial")
    state = {
        "settings": plan.recorded,
        "weight": layer.weight.detach(),
        "bias": layer.bias.detach(),
        "history": [list(astuple(found)) for found in history],
        "best_epoch": best,
        "seconds": seconds,
    }
    torch.save(state, partial)
    partial.replace(checkpoint)
    count = layer.weight.numel() + layer.bias.numel()
    return Fitted(tuple(history), best, count, seconds)


def solve_head(
    model: PreTrainedModel, states: torch.Tensor, plan: Plan
) -> tuple[list[Metrics], int]:
    """Give the last layer of a model the weights that fit the labels best.

    Multinomial logistic regression with a ridge penalty (`softmax_regression`). Of
    several strengths of the penalty, tried on a part of the rows where there are many,
    the one is taken that leaves the least of the metric on the held-out rows; where the
    model is trained after, it is a strong penalty. Nothing is random.

    Args:
        model: Of which the head alone computes (`head_only`).
        states: float32 [rows, 1, dimensions], of all rows, what the backbone gives.
        plan: What holds for the whole run.

    Returns:
        Metrics on the held-out rows before, of each strength that was tried and of the
        solution; and the place of the last.
    """
    import torch

    layer, is_head = last_linear(model), plan.settings.method == "head"
    columns = _inputs_of_last(model, states, plan)
    # Rows of length 1 or so, as strengths are meant.
    scale = float(columns.square().sum(1).mean().sqrt()) or 1.0
    columns = columns / scale
    held = columns[torch.from_numpy(np.flatnonzero(plan.is_held)).to(columns.device)]
    right = plan.targets[plan.is_held]
    targets, weights = _targets(plan)
    trained = np.flatnonzero(~plan.is_held)
    step = max(1, len(trained) // _SEARCHED)
    whole = part = _Problem.of(columns, targets, weights, trained[::step])

    def measured(found: torch.Tensor) -> Metrics:
        likely = (held @ found[:-1] + found[-1]).log_softmax(1)
        return Metrics.of(likely.cpu().numpy(), right, plan.class_weights)

    def error(found: Metrics) -> tuple[float, float]:
        return remaining_error(found, plan.settings.metric, len(right))

    first = torch.cat([layer.weight.detach().T * scale, layer.bias.detach()[None]])
    history = [measured(first)]
    passes = plan.settings.pace.epochs if is_head else PACES["head"].epochs
    solution, start, best = first, None, 0
    strengths = _STRENGTHS if is_head else (_WEAK,)
    for number, strength in enumerate(strengths):
        start = part.solved(strength, start, min(passes, _SEARCH_ITERATIONS))
        history.append(measured(start))
        if number == 0 or error(history[-1]) < error(history[best + 1]):
            best, solution = number, start
        if number - best >= _PATIENCE:
            break
    if step > 1:
        whole = _Problem.of(columns, targets, weights, trained)
    solution = whole.solved(strengths[best], solution, passes)
    history.append(measured(solution))
    with torch.no_grad():
        layer.weight.copy_(solution[:-1].T / scale)
        layer.bias.copy_(solution[-1])
    return history, len(history) - 1


class _Problem(NamedTuple):
    """Rows to fit weights to: their features, targets and weights."""

    features: Features
    targets: torch.Tensor
    weights: torch.Tensor | None

    @classmethod
    def of(
        cls,
        columns: torch.Tensor,
        targets: np.ndarray,
        weights: np.ndarray | None,
        rows: np.ndarray,
    ) -> _Problem:
        """Take some rows of all."""
        import torch

        def taken(values: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(values[rows]).to(columns.device)

        chosen = torch.from_numpy(rows).to(columns.device)
        return cls(
            Features([columns[chosen]]),
            taken(targets),
            None if weights is None else taken(weights),
        )

    def solved(
        self, strength: float, start: torch.Tensor | None, iterations: int
    ) -> torch.Tensor:
        """Return the weights under a penalty: [columns + 1, labels]."""
        return fit_softmax(
            self.features,
            self.targets,
            # Those of two labels mirror each other, and are penalized twice.
            strength / (2 if self.targets.shape[1] == 2 else 1),
            row_weights=self.weights,
            start=start,
            iterations=iterations,
        )


def _inputs_of_last(
    model: PreTrainedModel, states: torch.Tensor, plan: Plan
) -> torch.Tensor:
    """Return what the last layer sees: float32 [rows, columns]."""
    import torch

    seen: list[torch.Tensor] = []
    hook = last_linear(model).register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].float())
    )
    model.eval()
    try:
        with torch.no_grad():
            for part in states.split(_AT_ONCE):
                model(inputs_embeds=part.to(plan.device))
    finally:
        hook.remove()
    return torch.cat(seen).reshape(len(states), -1)


def _targets(plan: Plan) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the targets of all rows, float32 [rows, labels], and their weights."""
    rows = np.arange(len(plan.targets))
    targets = np.zeros((len(rows), plan.classes), np.float32)
    share = np.ones(len(rows), np.float32) if plan.share is None else plan.share
    np.add.at(targets, (rows, plan.targets), share)
    if plan.other_rows is not None:
        np.add.at(targets, (rows, plan.targets[plan.other_rows]), 1 - share)
    weights = plan.row_weights
    if plan.class_weights is not None:
        weighed = targets * plan.class_weights.astype(np.float32)
        sums = weighed.sum(1)
        targets = weighed / sums[:, None]
        weights = sums if weights is None else sums * weights
    return targets, weights
