"""The training loop: epochs with early stopping that can be killed and continued."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from python_ml.training.data import Inputs, micro_batches, shuffled_batches
from python_ml.training.metrics import (
    Metrics,
    fitted_temperature,
    remaining_error,
)
from python_ml.training.settings import TrainingSettings

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

    from python_ml.training.events import Events

_WEIGHT_DECAY = 0.01
_MAX_GRADIENT = 1.0
# Tokens that a device sees at once, padding counted in. A processor is as fast with
# fewer, which are padded less; but each time the gradients of all words are added up.
_CPU_TOKENS = 2048
_GPU_TOKENS = 32768
# A step learns from about a sixteenth of the rows, a power of two of them: fewer waste
# a GPU and make models too sure, more leave too few steps.
_STEPS_AN_EPOCH = 16
_BATCH_SIZES = (16, 128)
_BETA = 0.999  # Of the effective number of rows.


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
        row_weights: float32 [rows] or None, as how many rows each counts in the loss.
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
    row_weights: np.ndarray | None = None

    @property
    def classes(self) -> int:
        """How many labels there are."""
        return int(self.targets.max()) + 1

    @property
    def batch_size(self) -> int:
        """Rows a step: given, or by how many rows are trained on."""
        given = self.settings.pace.batch_size
        if given is not None:
            return given
        rows = max(int((~self.is_held).sum()), 1)
        least, most = _BATCH_SIZES
        return int(np.clip(2 ** round(np.log2(rows / _STEPS_AN_EPOCH)), least, most))

    @cached_property
    def class_weights(self) -> np.ndarray | None:
        """float64 [labels], 1 in the mean of the rows; None where all rows are alike.

        Balanced ones are inverse to the rows of a label; by the effective number of
        rows (Cui et al. 2019, "Class-Balanced Loss Based on Effective Number of
        Samples") the thousandth row of a label adds less than the first.
        """
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
        if self.settings.class_weights == "effective_number":
            weights = (1 - _BETA) / (1 - _BETA**counts)
        else:
            weights = 1 / counts
        return weights * counts.sum() / (weights @ counts)


@dataclass(frozen=True)
class Fitted:
    """What training did.

    Attributes:
        history: Metrics before the first epoch and after each.
        best_epoch: The epoch whose weights the model has now; 0 is before the first.
        temperature: By which logits are divided in the metrics; the model does not do
            so yet.
        parameters: How many parameters were trained.
        seconds: Time spent, over all the runs that it took.
    """

    history: tuple[Metrics, ...]
    best_epoch: int
    parameters: int
    seconds: float
    temperature: float = 1.0


def fit(
    model: torch.nn.Module,
    groups: list[Group],
    inputs: Inputs,
    plan: Plan,
    checkpoint: Path,
    events: Events,
) -> Fitted:
    """Train parameters of a model in place, and give it the best epoch's weights.

    AdamW, with learning rates that rise and fall once (Smith and Topin 2019,
    "Super-Convergence"). After every epoch all that is needed to go on is written to
    `checkpoint`; where that file exists, training goes on from it. Random numbers
    depend on the seed and the epoch alone, so the result is the one of an uninterrupted
    run.

    Args:
        model: The model; its other parameters are left alone.
        groups: The parameters to train, with their learning rates.
        inputs: `Tokens` or what is called like it: row numbers to inputs of the model.
        plan: What holds for the whole run.
        checkpoint: The file to go on from.
        events: Where the curve is written while it is drawn.

    Raises:
        ValueError: If the loss is not finite.
    """
    from tqdm import tqdm

    pace = plan.settings.pace
    started = time.monotonic()
    if plan.settings.compile:
        # In place: what is saved knows nothing of it.
        model.compile(dynamic=True)
    stage = _Stage(model, groups, _optimizer(model, groups), inputs, plan)
    state = _first_state(stage, checkpoint)
    held = int(plan.is_held.sum())
    bar = tqdm(
        desc=f"train {plan.settings.method}",
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
        measured, temperature = measure(model, inputs, plan)
        bar.set_postfix_str(
            f"held-out accuracy {measured.accuracy:.3f}, "
            f"log loss {measured.log_loss:.3f}"
        )
        if not np.isfinite(measured.log_loss):
            raise ValueError(
                f"The loss is not finite after epoch {epoch}: the learning rate "
                f"{pace.learning_rate:g} may be too high."
            )
        errors = [
            remaining_error(found, plan.settings.metric, held)
            for found in (Metrics(*state["history"][state["best_epoch"]]), measured)
        ]
        if errors[1] < errors[0]:
            state["best_epoch"] = epoch
            state["best"] = [p.detach().clone() for p in stage.parameters]
        state["history"].append(list(astuple(measured)))
        state["temperatures"].append(temperature)
        state["epoch"] = epoch
        state["parameters"] = [p.detach() for p in stage.parameters]
        state["optimizer"] = stage.optimizer.state_dict()
        events.add(epoch, measured)
        now = time.monotonic()
        state["seconds"] += now - started
        started = now
        _save(state, checkpoint)
    bar.close()

    _give(stage.parameters, state["best"])
    return Fitted(
        tuple(Metrics(*found) for found in state["history"]),
        state["best_epoch"],
        sum(p.numel() for p in stage.parameters),
        state["seconds"],
        state["temperatures"][state["best_epoch"]],
    )


class Group(NamedTuple):
    """Parameters that share a highest learning rate."""

    parameters: list[torch.nn.Parameter]
    learning_rate: float


@dataclass(frozen=True)
class _Stage:
    """What `fit` trains, with what, on what."""

    model: torch.nn.Module
    groups: list[Group]
    optimizer: torch.optim.Optimizer
    inputs: Inputs
    plan: Plan

    @cached_property
    def parameters(self) -> list[torch.nn.Parameter]:
        """All that are trained."""
        return [one for group in self.groups for one in group.parameters]

    @cached_property
    def rows(self) -> np.ndarray:
        """int64 [rows trained on], their numbers."""
        return np.flatnonzero(~self.plan.is_held)

    @property
    def steps(self) -> int:
        """Steps in all epochs, should it not stop before."""
        plan = self.plan
        return plan.settings.pace.epochs * -(-len(self.rows) // plan.batch_size)


def _optimizer(model: torch.nn.Module, groups: list[Group]) -> torch.optim.Optimizer:
    """Return what trains some parameters; the others of the model are frozen."""
    import torch

    for parameter in model.parameters():
        parameter.requires_grad_(False)
    named: list[dict[str, Any]] = []
    for group in groups:
        for parameter in group.parameters:
            parameter.requires_grad_(True)
        rates = {"lr": group.learning_rate, "highest": group.learning_rate}
        named += [
            rates | {"params": [p for p in group.parameters if p.ndim > 1]},
            # Biases and layer norms are not pulled to zero.
            rates
            | {
                "params": [p for p in group.parameters if p.ndim < 2],
                "weight_decay": 0.0,
            },
        ]
    # One pass over the parameters a step instead of five.
    is_fused = groups[0].parameters[0].device.type in ("cpu", "cuda")
    return torch.optim.AdamW(named, weight_decay=_WEIGHT_DECAY, fused=is_fused)


def _first_state(stage: _Stage, checkpoint: Path) -> dict[str, Any]:
    """Return the state to begin with; where there is a checkpoint, go on from it."""
    import torch

    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        _give(stage.parameters, state["parameters"])
        stage.optimizer.load_state_dict(state["optimizer"])
        return state
    measured, temperature = measure(stage.model, stage.inputs, stage.plan)
    return {
        "settings": stage.plan.recorded,
        "epoch": 0,
        "step": 0,
        "history": [list(astuple(measured))],
        "temperatures": [temperature],
        "best_epoch": 0,
        "best": [p.detach().clone() for p in stage.parameters],
        "seconds": 0.0,
    }


def _run_epoch(
    stage: _Stage, epoch: int, state: dict[str, Any], update: Callable[[], object]
) -> None:
    """Take the steps of one epoch, and count them in the state."""
    import torch

    plan, seed = stage.plan, stage.plan.settings.seed
    weights = None
    if plan.class_weights is not None:
        weights = torch.tensor(
            plan.class_weights, dtype=torch.float32, device=plan.device
        )
    warmup = plan.settings.warmup_share * stage.steps
    torch.manual_seed(int(np.random.default_rng([seed, epoch]).integers(2**62)))
    lengths = stage.inputs.lengths
    batches = shuffled_batches(stage.rows, plan.batch_size, [seed, epoch])
    stage.model.train()
    for batch in batches:
        state["step"] += 1
        factor = rate_factor(state["step"], stage.steps, warmup)
        for group in stage.optimizer.param_groups:
            group["lr"] = group["highest"] * factor
        for rows in micro_batches(batch, lengths, _tokens_at_once(plan)):
            with autocast(plan):
                logits = stage.model(**stage.inputs(rows, plan.device)).logits
            losses = _losses(logits, plan.targets[rows], weights)
            if plan.share is not None and plan.other_rows is not None:
                share = torch.from_numpy(plan.share[rows]).to(plan.device)
                targets = plan.targets[plan.other_rows[rows]]
                others = _losses(logits, targets, weights)
                losses = share * losses + (1 - share) * others
            if plan.row_weights is not None:
                of_rows = torch.from_numpy(plan.row_weights[rows])
                losses = losses * of_rows.to(plan.device)
            (losses.sum() / len(batch)).backward()
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


def pooled_states(
    backbone: PreTrainedModel, inputs: Inputs, plan: Plan
) -> torch.Tensor:
    """Compute what the backbone gives the head, on the CPU.

    It is what the head reads a text by, mixed with that of another row where the plan
    says so: float32 [rows, 1, dimensions], or [rows, 2, dimensions] of pairs whose
    texts are read each for itself.
    """
    import torch
    from tqdm import tqdm

    backbone.eval()
    rows = np.arange(len(inputs.lengths))
    states = torch.empty(0)
    is_mean = getattr(backbone.config, "classifier_pooling", "cls") == "mean"
    bar = tqdm(desc="states", total=len(rows), unit=" texts", disable=not plan.progress)
    with bar, torch.inference_mode():
        for batch in micro_batches(rows, inputs.lengths, _tokens_at_once(plan)):
            given = inputs(batch, plan.device)
            with autocast(plan):
                found = backbone(**given).last_hidden_state.float()
            if is_mean:
                is_token = given["attention_mask"][:, :, None]
                found = (found * is_token).sum(1, True) / is_token.sum(1, True)
            found = found[:, :1].reshape(len(batch), -1, found.shape[-1])
            if not len(states):
                states = torch.empty(len(rows), *found.shape[1:])
            states[batch] = found.cpu()
            bar.update(len(batch))
    if plan.share is None or plan.other_rows is None:
        return states
    share = torch.from_numpy(plan.share)[:, None, None]
    return share * states + (1 - share) * states[torch.from_numpy(plan.other_rows)]


def measure(
    model: torch.nn.Module, inputs: Inputs, plan: Plan
) -> tuple[Metrics, float]:
    """Measure a model on the held-out rows.

    Fine-tuned models are too sure of themselves: logits are divided by the temperature
    that fits those rows best (Guo et al. 2017, "On Calibration of Modern Neural
    Networks"). One number is learned from them, so that the log loss on them is lower
    than on others by about half the inverse of their number.

    Returns:
        The metrics at that temperature, and the temperature.
    """
    import torch
    from scipy.special import log_softmax

    model.eval()
    rows = np.flatnonzero(plan.is_held)
    logits_of = np.empty((len(plan.targets), plan.classes), np.float32)
    with torch.inference_mode():
        for batch in micro_batches(rows, inputs.lengths, _tokens_at_once(plan)):
            with autocast(plan):
                logits = model(**inputs(batch, plan.device)).logits
            logits_of[batch] = logits.float().cpu().numpy()
    right = plan.targets[rows]
    temperature = fitted_temperature(logits_of[rows], right)
    likely = log_softmax(logits_of[rows] / temperature, axis=1)
    return Metrics.of(likely, right, plan.class_weights), temperature


def _tokens_at_once(plan: Plan) -> int:
    return _GPU_TOKENS if plan.device.startswith("cuda") else _CPU_TOKENS


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


def rate_factor(step: int, steps: int, warmup: float) -> float:
    """Return the share of the highest learning rate at a step, from 1, in [0, 1].

    It rises with a cosine until `warmup`, and falls with one to zero after the last.
    """
    if step <= warmup:
        return (1 - math.cos(math.pi * step / warmup)) / 2
    return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup + 1))) / 2


def autocast(plan: Plan) -> torch.autocast:
    """Return the context in which the numbers of a plan are computed with."""
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
