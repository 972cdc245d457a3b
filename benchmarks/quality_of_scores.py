"""How good suspects and probabilities of wrong labels are, where the truth is known."""

import numpy as np


def f1(is_suspect: np.ndarray, is_wrong: np.ndarray) -> float:
    """Return the F1 of suspects; both are booleans."""
    return 2 * (is_suspect & is_wrong).sum() / (is_suspect.sum() + is_wrong.sum())


def calibration_error(probability: np.ndarray, is_wrong: np.ndarray) -> float:
    """Return the expected calibration error, of ten equally wide bins."""
    bins = np.minimum((probability * 10).astype(int), 9)
    return sum(
        abs(probability[bins == one].mean() - is_wrong[bins == one].mean())
        * (bins == one).mean()
        for one in np.unique(bins)
    )
