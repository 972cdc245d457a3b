"""The training loop: epochs with early stopping that can be killed and continued."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from python_ml.training.data import Inputs, shuffled_batches, sorted_batches
from python_ml.training.settings import Pace, TrainingSettings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

_WEIGHT_DECAY = 0.01
_MAX_GRADIENT = 1.0
_MEASURED = 128  # rows at a time without gradients


@dataclass(frozen=True)
class Metrics:
    """How well labels are predicted on the held-out rows.

    Attributes:
        accuracy: Share of rows with the right label first, in [0, 1].
        macro_f1: Mean F1 over the labels of the held-out rows, in [0, 1].
        log_loss: Mean negative logarithm of the right label's probability.
        loss: The same with the class weights of the training, which it minimizes.
    """

    accuracy: float
    macro_f1: float
    log_loss: float
    loss: float


@dataclass(frozen=True)
class Plan:
    """What holds for a whole run.

    Attributes:
        targets: int64 [rows], the place of each row's label.
        is_held: bool [rows], the rows to measure on and not to train on.
        settings: How to train.
        recorded: Stored in the checkpoints, for whoever finds one.
        device: Of PyTorch.
        precision: "float32" or "bfloat16".
        progress: Whether to show bars on stderr.
        other_rows: int64 [rows] or None, the row that each was mixed with.
        share: float32 [rows] or None, the share of the row itself, in [0, 1].
    """

    targets: np.ndarray
    is_held: np.ndarray
    settings: TrainingSettings
    recorded: dict
    device: str
    precision: str
    progress: bool
    other_rows: np.ndarray | None = None
    share: np.ndarray | None = None

    @cached_property
    def class_weights(self) -> np.ndarray | None:
        """float64 [labels], by which all weigh the same; None where all rows do."""
        if self.settings.class_weights is None:
            return None
        kept = ~self.is_held
        targets = self.targets[kept]
        if self.share is None or self.other_rows is None:
            counts = np.bincount(targets)
        else:
            others, share = self.targets[self.other_rows[kept]], self.share[kept]
            counts = np.bincount(targets, share)
            counts = counts + np.bincount(others, 1 - share, len(counts))
        return counts.sum() / (len(counts) * counts)


@dataclass(frozen=True)
class Fitted:
    """What training did.

    Attributes:
        history: Metrics before the first epoch and after each.
        best_epoch: The epoch whose weights the model has now; 0 is before the first.
        parameters: How many parameters were trained.
        seconds: Time spent, over all the runs that it took.
    """

    history: tuple[Metrics, ...]
    best_epoch: int
    parameters: int
    seconds: float


def fit(
    model: torch.nn.Module,
    parameters: list[torch.nn.Parameter],
    inputs: Inputs,
    plan: Plan,
    pace: Pace,
    checkpoint: Path,
    description: str,
) -> Fitted:
    """Train `parameters` of `model` in place, and give it the best epoch's weights.

    After every epoch all that is needed to go on is written to `checkpoint`; where
    that file exists, training goes on from it. Random numbers depend on the seed and
    the epoch alone, so the result is the one of an uninterrupted run.

    Args:
        model: The model; its other parameters are left alone.
        parameters: The parameters to train.
        inputs: `Tokens` or `States`: row numbers to the inputs of the model.
        plan: What holds for the whole run.
        pace: How fast and how long.
        checkpoint: The file to go on from.
        description: What the bar says is going on.

    Raises:
        ValueError: If the loss is not finite.
    """
    from tqdm import tqdm

    started = time.monotonic()
    stage = _Stage(
        model, parameters, _optimizer(model, parameters, pace), inputs, plan, pace
    )
    state = _first_state(stage, checkpoint)
    bar = tqdm(
        desc=description,
        total=stage.steps,
        initial=state["step"],
        unit=" steps",
        disable=not plan.progress,
    )
    while (
        state["epoch"] < pace.epochs
        and state["epoch"] - state["best_epoch"] < pace.patience
    ):
        epoch = state["epoch"] + 1
        _run_epoch(stage, epoch, state, bar.update)
        measured = _measure(model, inputs, plan)
        bar.set_postfix_str(
            f"held-out accuracy {measured[0]:.3f}, loss {measured[3]:.3f}"
        )
        if not np.isfinite(measured[3]):
            raise ValueError(
                f"The loss is not finite after epoch {epoch}: the learning rate "
                f"{pace.learning_rate:g} may be too high."
            )
        if measured[3] < state["history"][state["best_epoch"]][3]:
            state["best_epoch"] = epoch
            state["best"] = [p.detach().clone() for p in parameters]
        state["history"].append(measured)
        state["epoch"] = epoch
        state["parameters"] = [p.detach() for p in parameters]
        state["optimizer"] = stage.optimizer.state_dict()
        now = time.monotonic()
        state["seconds"] += now - started
        started = now
        _save(state, checkpoint)
    bar.close()

    _give(parameters, state["best"])
    return Fitted(
        tuple(Metrics(*found) for found in state["history"]),
        state["best_epoch"],
        sum(p.numel() for p in parameters),
        state["seconds"],
    )


@dataclass(frozen=True)
class _Stage:
    """What `fit` trains, with what, on what."""

    model: torch.nn.Module
    parameters: list[torch.nn.Parameter]
    optimizer: torch.optim.Optimizer
    inputs: Inputs
    plan: Plan
    pace: Pace

    @cached_property
    def rows(self) -> np.ndarray:
        """int64 [rows trained on], their numbers."""
        return np.flatnonzero(~self.plan.is_held)

    @property
    def steps(self) -> int:
        """Steps in all epochs, should it not stop before."""
        return self.pace.epochs * -(-len(self.rows) // self.pace.batch_size)


def _optimizer(
    model: torch.nn.Module, parameters: list[torch.nn.Parameter], pace: Pace
) -> torch.optim.Optimizer:
    """Return what trains some parameters; the others of the model are frozen."""
    import torch

    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for parameter in parameters:
        parameter.requires_grad_(True)
    groups: list[dict[str, Any]] = [
        {"params": [p for p in parameters if p.ndim > 1]},
        # Biases and layer norms are not pulled to zero.
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=pace.learning_rate, weight_decay=_WEIGHT_DECAY)


def _first_state(stage: _Stage, checkpoint: Path) -> dict[str, Any]:
    """Return the state to begin with; where there is a checkpoint, go on from it."""
    import torch

    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        _give(stage.parameters, state["parameters"])
        stage.optimizer.load_state_dict(state["optimizer"])
        return state
    return {
        "settings": stage.plan.recorded,
        "epoch": 0,
        "step": 0,
        "history": [_measure(stage.model, stage.inputs, stage.plan)],
        "best_epoch": 0,
        "best": [p.detach().clone() for p in stage.parameters],
        "seconds": 0.0,
    }


def _run_epoch(
    stage: _Stage, epoch: int, state: dict[str, Any], update: Callable[[], object]
) -> None:
    """Take the steps of one epoch, and count them in the state."""
    import torch

    plan, pace, seed = stage.plan, stage.pace, stage.plan.settings.seed
    weights = None
    if plan.class_weights is not None:
        weights = torch.tensor(
            plan.class_weights, dtype=torch.float32, device=plan.device
        )
    warmup = plan.settings.warmup_share * stage.steps
    torch.manual_seed(int(np.random.default_rng([seed, epoch]).integers(2**62)))
    batches = shuffled_batches(
        stage.rows, stage.inputs.lengths, pace.batch_size, [seed, epoch]
    )
    stage.model.train()
    for rows in batches:
        state["step"] += 1
        factor = _rate_factor(state["step"], stage.steps, warmup)
        for group in stage.optimizer.param_groups:
            group["lr"] = pace.learning_rate * factor
        with _autocast(plan):
            logits = stage.model(**stage.inputs(rows, plan.device)).logits
        losses = _losses(logits, plan.targets[rows], weights)
        if plan.share is not None and plan.other_rows is not None:
            share = torch.from_numpy(plan.share[rows]).to(plan.device)
            targets = plan.targets[plan.other_rows[rows]]
            others = _losses(logits, targets, weights)
            losses = share * losses + (1 - share) * others
        losses.mean().backward()
        torch.nn.utils.clip_grad_norm_(stage.parameters, _MAX_GRADIENT)
        stage.optimizer.step()
        stage.optimizer.zero_grad(set_to_none=True)
        update()


def settings_of(checkpoint: Path) -> dict:
    """Read the settings of the run that wrote a checkpoint.

    Raises:
        ValueError: If the file cannot be read.
    """
    import torch

    try:
        return torch.load(checkpoint, mmap=True, weights_only=True)["settings"]
    except Exception as error:  # Whatever a damaged file makes the reader raise.
        raise ValueError(f"{checkpoint} is no readable checkpoint.") from error


def first_states(backbone: PreTrainedModel, inputs: Inputs, plan: Plan) -> torch.Tensor:
    """Compute what the backbone gives the head: float32 [rows, 1, dimensions], on CPU.

    It is the state of the first token, all that heads of encoders look at, mixed with
    that of another row where the plan says so.
    """
    import torch
    from tqdm import tqdm

    backbone.eval()
    rows = np.arange(len(inputs.lengths))
    states = torch.empty(len(rows), 1, backbone.config.hidden_size)
    bar = tqdm(desc="states", total=len(rows), unit=" texts", disable=not plan.progress)
    with bar, torch.inference_mode():
        for batch in sorted_batches(rows, inputs.lengths, _MEASURED):
            with _autocast(plan):
                found = backbone(**inputs(batch, plan.device))
            states[batch] = found.last_hidden_state[:, :1].float().cpu()
            bar.update(len(batch))
    if plan.share is None or plan.other_rows is None:
        return states
    share = torch.from_numpy(plan.share)[:, None, None]
    return share * states + (1 - share) * states[torch.from_numpy(plan.other_rows)]


def _measure(model: torch.nn.Module, inputs: Inputs, plan: Plan) -> list[float]:
    """The values of `Metrics` on the held-out rows."""
    import torch

    model.eval()
    rows, targets = np.flatnonzero(plan.is_held), plan.targets
    guesses = np.empty(len(targets), np.int64)
    losses = np.empty(len(targets))
    with torch.inference_mode():
        for batch in sorted_batches(rows, inputs.lengths, _MEASURED):
            with _autocast(plan):
                logits = model(**inputs(batch, plan.device)).logits
            likely = logits.float().log_softmax(-1).cpu().numpy()
            guesses[batch] = likely.argmax(1)
            losses[batch] = -likely[np.arange(len(batch)), targets[batch]]
    right, guesses = targets[rows], guesses[rows]
    classes = np.unique(right)
    found, given, both = (
        np.bincount(which, minlength=targets.max() + 1)[classes]
        for which in (guesses, right, right[right == guesses])
    )
    weights = None if plan.class_weights is None else plan.class_weights[right]
    return [
        float((right == guesses).mean()),
        float((2 * both / (found + given)).mean()),
        float(losses[rows].mean()),
        float(np.average(losses[rows], weights=weights)),
    ]


def _losses(
    logits: torch.Tensor, targets: np.ndarray, weights: torch.Tensor | None
) -> torch.Tensor:
    import torch

    return torch.nn.functional.cross_entropy(
        logits.float(),
        torch.from_numpy(targets).to(logits.device),
        weight=weights,
        reduction="none",
    )


def _rate_factor(step: int, steps: int, warmup: float) -> float:
    """Linear warm-up, then linear decay to zero after the last step."""
    if step <= warmup:
        return step / warmup
    return (steps - step + 1) / (steps - warmup + 1)


def _autocast(plan: Plan) -> torch.autocast:
    import torch

    return torch.autocast(
        torch.device(plan.device).type,
        dtype=torch.bfloat16,
        enabled=plan.precision == "bfloat16",
    )


def _give(parameters: list[torch.nn.Parameter], values: list[torch.Tensor]) -> None:
    import torch

    with torch.no_grad():
        for parameter, value in zip(parameters, values, strict=True):
            parameter.copy_(value)


def _save(state: dict, checkpoint: Path) -> None:
    import torch

    partial = checkpoint.with_name(checkpoint.name + ".partial")
    torch.save(state, partial)
    partial.replace(checkpoint)
