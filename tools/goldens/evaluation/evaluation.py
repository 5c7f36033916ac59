"""Writes the goldens of libs/evaluation: values computed by PyTorch and SciPy.

Run from anywhere: python3 tools/goldens/evaluation/evaluation.py (needs torch and scipy; made with 1.13.0 and 1.10.1).
"""

import sys
from pathlib import Path

import numpy as np
import torch
from scipy import stats
from torch.nn import functional as F

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402

torch.manual_seed(42)


def predictor(symbols, r, hidden, trained_from):
    """Model of section 4.2 with an explicit first layer: a convolution of one-hot vectors."""
    x = torch.randint(symbols, (2, 9))
    weights = {
        "kernel": torch.randn(r, symbols, hidden),
        "bias": torch.randn(hidden),
        "hiddenKernel": torch.randn(hidden, hidden),
        "hiddenBias": torch.randn(hidden),
        "logitsKernel": torch.randn(hidden, symbols),
        "logitsBias": torch.randn(symbols),
    }
    for weight in weights.values():
        weight.requires_grad_()
    one_hot = F.one_hot(x, symbols).float().transpose(1, 2)
    # The newest tap, the last, is at distance 1: r zeros precede the sequence, and no tap reads its last symbol.
    distance = torch.arange(r, 0, -1.0)[:, None, None]
    kernel = (weights["kernel"] / distance).permute(2, 1, 0)
    first = F.conv1d(F.pad(one_hot, (r, 0)), kernel)[:, :, :-1].transpose(1, 2) + weights["bias"]
    second = torch.relu(first) @ weights["hiddenKernel"] + weights["hiddenBias"]
    logits = torch.relu(second) @ weights["logitsKernel"] + weights["logitsBias"]
    nll = F.cross_entropy(logits.transpose(1, 2), x, reduction="none")
    loss = nll[:, trained_from:].mean()
    loss.backward()
    gradients = {f"{name}_gradient": weight.grad for name, weight in weights.items()}
    return {"symbols": x, **weights, "nll": nll, "loss": loss, **gradients}


def entropies():
    rng = np.random.default_rng(7)
    train, test = (rng.multinomial(500, p) for p in rng.dirichlet(np.full(20, 0.3), 2))
    # The cross-entropy of test shares and smoothed training shares: entropy plus divergence.
    smoothed = (train + 1) / (train.sum() + len(train))
    cross_entropy = stats.entropy(test) + stats.entropy(test, smoothed)
    return {
        "train": torch.tensor(train),
        "test": torch.tensor(test),
        "entropy": torch.tensor(stats.entropy(test)),
        "perplexity": torch.tensor(np.exp(stats.entropy(test))),
        "crossEntropy": torch.tensor(cross_entropy),
    }


save(FOLDER / "predictor.json", {"wide": predictor(6, 4, 5, 4), "late": predictor(3, 2, 4, 5), "narrow": predictor(4, 1, 3, 1)})
save(FOLDER / "statistics.json", {"entropies": entropies()})
