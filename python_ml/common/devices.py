"""Where PyTorch computes, and in which numbers."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_PRECISIONS = ("float32", "bfloat16", "fastest")
_FLOAT32_TEXTS = 50_000  # Up to so many texts float32 is fast enough everywhere.


def resolve_device(device: str) -> str:
    """Return the device of PyTorch that a setting means.

    Args:
        device: "auto", "cpu", "cuda" or "cuda:1".

    Returns:
        "cpu", "cuda:0" and so on.

    Raises:
        ValueError: If there is no such device.
    """
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if device == "auto":
        return "cuda:0" if count else "cpu"
    if device == "cpu":
        return device
    wanted = re.fullmatch(r"cuda(?::(\d+))?", device)
    if not wanted:
        raise ValueError(f"The device {device} is none of auto, cpu, cuda and cuda:1.")
    number = int(wanted[1] or 0)
    if number >= count:
        raise ValueError(
            f"The device {device} was asked for, but PyTorch {torch.__version__} sees "
            f"{count or 'no'} GPU{'s' if count > 1 else ''} here: use auto or cpu."
        )
    return f"cuda:{number}"


def chosen_precision(texts: int, precision: str = "auto") -> str:
    """Decide in which numbers texts are read.

    By the number of texts and not by the processor, so that what is learned from a few
    ten thousand texts is the same everywhere: float32 reads 50,000 short texts on two
    cores in about two minutes. Of more texts time counts more than the third digit.

    Args:
        texts: How many there are in all.
        precision: "float32", "bfloat16" (16 bits on any device, however slow),
            "fastest" (16 bits where the device is faster so), or "auto": what the
            environment variable `ASSAY_PRECISION` says, or else float32 up to 50,000
            texts and fastest above.

    Returns:
        "float32", "bfloat16" or "fastest".

    Raises:
        ValueError: If there is no such precision.
    """
    if precision == "auto":
        precision = os.environ.get("ASSAY_PRECISION", "auto")
    if precision not in ("auto", *_PRECISIONS):
        raise ValueError(
            f"The precision {precision} is none of auto, {', '.join(_PRECISIONS)}."
        )
    if precision == "auto":
        return "float32" if texts <= _FLOAT32_TEXTS else "fastest"
    return precision


def number_type(precision: str, device: str) -> torch.dtype:
    """Return the number format of a precision that `chosen_precision` gives."""
    import torch

    if precision == "fastest":
        return fastest_type(device)
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


@lru_cache
def fastest_type(device: str) -> torch.dtype:
    """Return the number format in which a device multiplies matrices fastest.

    16 bits where the device computes with them natively, else float32. On a CPU
    bfloat16 without AMX or AVX512-BF16 is many times slower than float32; and where
    the processor says that it has them, a few milliseconds of measuring make sure.
    """
    import torch

    is_native = has_native_bfloat16(device)
    if device.startswith("cuda"):
        return torch.bfloat16 if is_native else torch.float16
    if not is_native:
        return torch.float32
    slow, fast = (_seconds(kind) for kind in (torch.float32, torch.bfloat16))
    return torch.bfloat16 if fast * 1.3 < slow else torch.float32


def has_native_bfloat16(device: str) -> bool:
    """Return whether a device has instructions for bfloat16, as far as it says."""
    import torch

    if device.startswith("cuda"):
        return torch.cuda.get_device_capability(device) >= (8, 0)
    found = torch.cpu.get_capabilities() if device == "cpu" else {}
    return any(found.get(name) for name in ("amx_bf16", "avx512_bf16"))


def _seconds(kind: torch.dtype) -> float:
    import time

    import torch

    left, right = torch.ones(1024, 384, dtype=kind), torch.ones(1536, 384, dtype=kind)
    taken = []
    with torch.inference_mode():
        for _ in range(4):  # The first one warms up.
            begin = time.perf_counter()
            torch.nn.functional.linear(left, right)
            taken.append(time.perf_counter() - begin)
    return min(taken[1:])
