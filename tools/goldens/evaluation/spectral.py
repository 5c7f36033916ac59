"""Writes spectral.json, of libs/evaluation/src/spectral: values computed by SciPy and NumPy.

Run from anywhere: python3 tools/goldens/evaluation/spectral.py (needs scipy and torch; made with 1.10.1 and 1.13.0).
"""

import sys
from pathlib import Path

import numpy as np
import torch
from scipy import signal

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402

RATE = 1000
random = np.random.default_rng(3)


def recordings(seconds):
    """Decaying tone in noise that fades below the floor, and another tone of varying level, with a gap."""
    time = np.arange(int(seconds * RATE)) / RATE
    tone = np.sin(2 * np.pi * 130.8 * time) + 0.3 * np.sin(2 * np.pi * 392.4 * time)
    reference = 0.4 * np.exp(-6 * time) * tone + 1e-4 * random.standard_normal(len(time))
    reference[: RATE // 4] = 0
    other = reference * (1 + 0.5 * np.sin(2 * np.pi * 0.7 * time)) + 3e-4 * random.standard_normal(len(time))
    other[-RATE // 3 :] = 0
    return reference.round(6).astype(np.float32), other.round(6).astype(np.float32)


def log_spectral_distance(reference, other):
    size = 64  # 64 ms at 1 kHz

    def decibels(samples):
        _, _, spectrum = signal.stft(samples.astype(float), fs=RATE, window="hann", nperseg=size, noverlap=size * 3 // 4)
        return 10 * np.log10(np.maximum((2 * np.abs(spectrum)) ** 2, 1e-8))  # SciPy scales a full sine to 1/2

    return np.sqrt(((decibels(reference) - decibels(other)) ** 2).mean(0)).mean()


def loudness_deviation(reference, other):
    def levels(samples):
        frames = np.lib.stride_tricks.sliding_window_view(samples.astype(float), 2 * RATE // 5)[:: RATE // 10]
        with np.errstate(divide="ignore"):
            return 10 * np.log10((frames**2).mean(1))

    heard = levels(reference) >= -70
    assert 2 < heard.sum() < len(heard)  # puts some frames below the gate
    return (np.maximum(levels(other), -70) - levels(reference))[heard].std()


reference, other = recordings(1.93)
save(
    FOLDER / "spectral.json",
    {
        "wandering": {
            "reference": torch.tensor(reference),
            "other": torch.tensor(other),
            "logSpectralDistance": torch.tensor(log_spectral_distance(reference, other)),
            "loudnessDeviation": torch.tensor(loudness_deviation(reference, other)),
        }
    },
)
