"""Writes the goldens of libs/wavenet: whole WaveNets, their logits, NLL and gradients, computed by PyTorch.

Run from anywhere: python3 tools/goldens/wavenet/wavenet.py (needs torch; made with 1.13.0).
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402
from networks import Weights, wavenet_logits  # noqa: E402

torch.manual_seed(21)

SYMBOLS, CONDITIONING = 9, 2


def wavenet(dilations, width, one_hot, hop):
    batch, time = 2, 16
    weights = Weights()
    symbols = torch.randint(0, SYMBOLS, (batch, time))
    conditioning = torch.randn(batch, time // hop, CONDITIONING) if hop else None
    config = {"dilations": dilations, "width": width, "channels": 4, "gate": 3, "skip": 5, "head": 6}
    logits = wavenet_logits(weights, "", symbols, SYMBOLS, config, one_hot, conditioning, hop)
    nll = F.cross_entropy(logits.transpose(1, 2), symbols, reduction="none")
    nll.mean().backward()
    return {
        "symbols": symbols,
        **({"conditioning": conditioning} if hop else {}),
        "logits": logits,
        "nll": nll,
        **weights,
        **weights.gradients(),
    }


save(
    FOLDER / "waveNet.json",
    {
        "one-hot, width 2, no conditioning": wavenet([1, 2, 4], 2, True, 0),
        "continuous, width 3, conditioned at hop 4": wavenet([1, 2], 3, False, 4),
    },
)
