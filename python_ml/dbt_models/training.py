"""What the dbt model of training runs calls: reports on disk become rows."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

REPORT = "report.json"
_TYPES = {
    "written_at": pa.timestamp("us"),
    "rows_trained": pa.int64(),
    "rows_held_out": pa.int64(),
    "rows_dropped": pa.int64(),
    "rows_added": pa.int64(),
    "label_count": pa.int64(),
    "parameters": pa.int64(),
    "trainable_parameters": pa.int64(),
    "batch_size": pa.int64(),
    "seed": pa.int64(),
    "epochs_run": pa.int64(),
    "best_epoch": pa.int64(),
    "seconds": pa.float64(),
    "accuracy_before": pa.float64(),
    "accuracy": pa.float64(),
    "macro_f1_before": pa.float64(),
    "macro_f1": pa.float64(),
    "log_loss_before": pa.float64(),
    "log_loss": pa.float64(),
    "curve": pa.list_(
        pa.struct(
            [
                ("epoch", pa.int64()),
                ("accuracy", pa.float64()),
                ("macro_f1", pa.float64()),
                ("log_loss", pa.float64()),
            ]
        )
    ),
}
_NAMES = (
    "run_id folder note method pair_model base_model base_model_version data_version"
    " pooling metric device precision settings versions exports curve written_at"
    " rows_trained rows_held_out rows_dropped rows_added label_count parameters"
    " trainable_parameters batch_size seed epochs_run best_epoch seconds"
    " accuracy_before accuracy macro_f1_before macro_f1 log_loss_before log_loss"
).split()
_MEASURES = ("accuracy", "macro_f1", "log_loss")


def training_runs(folder: str | None) -> pa.Table:
    """Read every report of a training run below a folder.

    Args:
        folder: Where to look, from where dbt is started, in it and in all folders below
            that do not begin with a dot; None for nowhere.

    Returns:
        One row per `report.json`, in the order of their paths; none where there is no
        such folder. A file that is no report of a run has a note and nothing else.
    """
    schema = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _NAMES])
    place = Path(folder) if folder else None
    found = sorted(place.rglob(REPORT)) if place and place.is_dir() else []
    rows = []
    for file in found:
        below = file.relative_to(place) if place else file
        if not any(part.startswith(".") for part in below.parts):
            rows.append(_row(file))
    return pa.Table.from_pylist(rows, schema)


def _row(file: Path) -> dict[str, Any]:
    where = file.parent.as_posix()
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC).replace(tzinfo=None)
    row: dict[str, Any] = {"folder": where, "written_at": written}
    row["run_id"] = hashlib.md5(where.encode(), usedforsecurity=False).hexdigest()
    try:
        report = json.loads(file.read_text("utf-8"))
        found = _of_report(report)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return row | {"note": f"{REPORT} is no report of a training run"}
    return row | found


def _of_report(report: dict) -> dict[str, Any]:
    """Return the columns of a report; older ones lack some.

    Raises:
        KeyError, TypeError, AttributeError, IndexError: If it is no such report.
    """
    settings = dict(report["settings"])
    curve = [
        {"epoch": place} | {name: float(one[name]) for name in _MEASURES}
        for place, one in enumerate(report["history"])
    ]
    row: dict[str, Any] = {
        "data_version": settings.pop("data_sha256"),
        "base_model_version": settings.pop("base_model_version"),
        "base_model": settings["base_model"],
        "method": settings["method"],
        "pair_model": settings.get("pair_model"),
        "metric": settings.get("metric"),
        "seed": int(settings["seed"]),
        "settings": json.dumps(settings, ensure_ascii=False, sort_keys=True),
        "versions": json.dumps(report["versions"], sort_keys=True),
        "exports": json.dumps(report.get("exports", {}), sort_keys=True),
        "label_count": len(report["labels"]),
        "curve": curve,
    }
    numbers = "rows_trained rows_held_out rows_dropped parameters trainable_parameters"
    for name in [*numbers.split(), "epochs_run", "best_epoch"]:
        row[name] = int(report[name])
    row["rows_added"] = int(report.get("rows_added", 0))
    row["batch_size"] = report.get("batch_size", settings.get("batch_size"))
    row["pooling"] = report.get("pooling")
    row["seconds"] = float(report["seconds"])
    row["device"], row["precision"] = report["device"], report["precision"]
    for name in _MEASURES:
        row[name] = float(report["after"][name])
        row[f"{name}_before"] = float(report["before"][name])
    return row
