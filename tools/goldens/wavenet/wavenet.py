"""Writes the goldens of libs/wavenet: whole WaveNets, their logits, NLL and gradients, computed by PyTorch.

Run from anywhere: python3 tools/goldens/wavenet/wavenet.py (needs torch; made with 1.13.0). Weights are named and
shaped as in Fermata; sequences are [batch, time, channels].
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402

torch.manual_seed(21)

SYMBOLS, CHANNELS, GATE, SKIP, HEAD, CONDITIONING = 9, 4, 3, 5, 6, 2


def wavenet(dilations, width, one_hot, hop):
    batch, time = 2, 16
    weights = {}

    def weight(name, *shape):
        weights[name] = (0.5 * torch.randn(*shape)).requires_grad_()
        return weights[name]

    symbols = torch.randint(0, SYMBOLS, (batch, time))
    if one_hot:
        x = F.one_hot(symbols, SYMBOLS).float() @ weight("input/table", SYMBOLS, CHANNELS)
    else:
        values = (symbols - SYMBOLS / 2) / (SYMBOLS / 2)
        x = values[..., None] @ weight("input/kernel", 1, CHANNELS) + weight("input/bias", CHANNELS)
    x = F.pad(x, (0, 0, 1, 0))[:, :time]
    conditioning = torch.randn(batch, time // hop, CONDITIONING) if hop else None
    skips = 0
    for index, dilation in enumerate(dilations):
        name = f"stack/layers/{index}"
        kernel = weight(f"{name}/kernel", width, CHANNELS, 2 * GATE)
        padded = F.pad(x.transpose(1, 2), ((width - 1) * dilation, 0))
        a = F.conv1d(padded, kernel.permute(2, 1, 0), weight(f"{name}/bias", 2 * GATE), dilation=dilation)
        a = a.transpose(1, 2)
        if hop:
            projected = conditioning @ weight(f"{name}/conditioningKernel", CONDITIONING, 2 * GATE)
            a = a + projected.repeat_interleave(hop, dim=1)
        z = torch.tanh(a[..., :GATE]) * torch.sigmoid(a[..., GATE:])
        skips = skips + z @ weight(f"{name}/skipKernel", GATE, SKIP) + weight(f"{name}/skipBias", SKIP)
        if index < len(dilations) - 1:
            x = x + z @ weight(f"{name}/residualKernel", GATE, CHANNELS) + weight(f"{name}/residualBias", CHANNELS)
    hidden = F.relu(skips) @ weight("head/hiddenKernel", SKIP, HEAD) + weight("head/hiddenBias", HEAD)
    logits = F.relu(hidden) @ weight("head/logitsKernel", HEAD, SYMBOLS) + weight("head/logitsBias", SYMBOLS)
    nll = F.cross_entropy(logits.transpose(1, 2), symbols, reduction="none")
    nll.mean().backward()
    return {
        "symbols": symbols,
        **({"conditioning": conditioning} if hop else {}),
        "logits": logits,
        "nll": nll,
        **weights,
        **{f"gradient of {name}": value.grad for name, value in weights.items()},
    }


save(
    FOLDER / "waveNet.json",
    {
        "one-hot, width 2, no conditioning": wavenet([1, 2, 4], 2, True, 0),
        "continuous, width 3, conditioned at hop 4": wavenet([1, 2], 3, False, 4),
    },
)
