"""The curve of a run for TensorBoard, where that is installed."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from python_ml.training.metrics import Metrics

FOLDER = "tensorboard"  # In that of the run.


class Events:
    """Writes metrics by epoch as events; nothing where TensorBoard is not installed."""

    def __init__(self, folder: Path):
        """Write into `folder`, once there is something to write."""
        self._writer = None
        if find_spec("tensorboard") is not None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))

    def add(self, epoch: int, found: Metrics) -> None:
        """Add the metrics of the held-out rows after an epoch."""
        if self._writer is not None:
            for name, value in asdict(found).items():
                self._writer.add_scalar(f"held out/{name}", value, epoch)
            self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()
