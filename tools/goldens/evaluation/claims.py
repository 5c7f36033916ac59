"""Writes claims.json, of libs/evaluation/src/claims: paired differences and their intervals by SciPy.

Run from anywhere: python3 tools/goldens/evaluation/claims.py (needs scipy and torch; made with 1.10.1 and 1.13.0).
"""

import sys
from pathlib import Path

import numpy as np
import torch
from scipy import stats

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402

random = np.random.default_rng(11)


def paired(seeds, gap):
    """The effect of a seed on both sides is larger than the gap between them."""
    both = random.normal(0.7, 0.2, seeds)
    first = (both + random.normal(gap, 0.01, seeds)).round(6)
    second = (both + random.normal(0, 0.01, seeds)).round(6)
    low, high = stats.ttest_rel(first, second).confidence_interval(0.95)
    return {name: torch.tensor(value) for name, value in {"first": first, "second": second, "low": low, "high": high}.items()}


save(FOLDER / "claims.json", {"three seeds": paired(3, -0.05), "two seeds": paired(2, 0.02), "eight seeds": paired(8, 0.01)})
