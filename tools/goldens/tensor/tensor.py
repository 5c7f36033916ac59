"""Writes the goldens of libs/tensor: values and gradients computed by PyTorch.

Run from anywhere: python3 tools/goldens/tensor/tensor.py (needs torch; made with 1.13.0). Sequences are
[batch, time, channels] and kernels [width, in, out] as in Fermata; PyTorch wants time last.
"""

import sys
from pathlib import Path

import torch
from torch.nn import functional as F

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))
from golden_file import save  # noqa: E402

torch.manual_seed(20)


def leaf(*shape):
    return torch.randn(*shape).requires_grad_()


def gradients(outputs, inputs):
    """Gradients of the outputs' inner products with random numbers, and those numbers."""
    weights = {f"d_{name}": torch.randn_like(value) for name, value in outputs.items()}
    sum((weights[f"d_{name}"] * value).sum() for name, value in outputs.items()).backward()
    return {**weights, **{f"{name}_gradient": value.grad for name, value in inputs.items()}}


def convolve(x, kernel, bias, dilation, padding):
    span = (kernel.shape[0] - 1) * dilation
    before = span if padding == "causal" else span // 2
    padded = F.pad(x.transpose(1, 2), (before, span - before))
    return F.conv1d(padded, kernel.permute(2, 1, 0), bias, dilation=dilation).transpose(1, 2)


def convolution(width, dilation, padding):
    inputs = {"x": leaf(2, 11, 3), "kernel": leaf(width, 3, 5), "bias": leaf(5)}
    outputs = {"y": convolve(**inputs, dilation=dilation, padding=padding)}
    return {**inputs, **outputs, **gradients(outputs, inputs)}


def residual_layer(width, dilation, padding, hop):
    batch, time, channels, gate, skip = 2, 12, 4, 3, 5
    inputs = {
        "x": leaf(batch, time, channels),
        "kernel": leaf(width, channels, 2 * gate),
        "bias": leaf(2 * gate),
        "residualKernel": leaf(gate, channels),
        "residualBias": leaf(channels),
        "skipKernel": leaf(gate, skip),
        "skipBias": leaf(skip),
    }
    activations = convolve(inputs["x"], inputs["kernel"], inputs["bias"], dilation, padding)
    if hop:
        inputs["conditioning"] = leaf(batch, time // hop, 2 * gate)
        activations = activations + inputs["conditioning"].repeat_interleave(hop, dim=1)
    z = torch.tanh(activations[..., :gate]) * torch.sigmoid(activations[..., gate:])
    outputs = {
        "output": inputs["x"] + z @ inputs["residualKernel"] + inputs["residualBias"],
        "skip": z @ inputs["skipKernel"] + inputs["skipBias"],
    }
    return {**inputs, **outputs, **gradients(outputs, inputs)}


def cross_entropy(scale):
    targets = torch.randint(0, 7, (2, 5))
    logits = (scale * torch.randn(2, 5, 7)).requires_grad_()
    outputs = {"nll": F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")}
    return {"targets": targets, "logits": logits, **outputs, **gradients(outputs, {"logits": logits})}


def embedding():
    symbols = torch.randint(0, 6, (2, 7))
    symbols[0, :3] = 4  # gradients of the same row add up
    inputs = {"table": leaf(6, 4)}
    outputs = {"rows": F.embedding(symbols, inputs["table"])}
    return {"symbols": symbols, **inputs, **outputs, **gradients(outputs, inputs)}


save(
    FOLDER / "convolution.json",
    {
        "causal, width 1": convolution(1, 1, "causal"),
        "causal, width 2, dilation 1": convolution(2, 1, "causal"),
        "causal, width 2, dilation 4": convolution(2, 4, "causal"),
        "causal, width 3, dilation 2": convolution(3, 2, "causal"),
        "causal, width 3, dilation 8, longer than the sequence": convolution(3, 8, "causal"),
        "centred, width 3, dilation 1": convolution(3, 1, "centred"),
        "centred, width 3, dilation 4": convolution(3, 4, "centred"),
        "centred, width 5, dilation 2": convolution(5, 2, "centred"),
    },
)
save(
    FOLDER / "gatedResidualLayer.json",
    {
        "causal, width 2": residual_layer(2, 2, "causal", 0),
        "causal, width 2, conditioned at hop 4": residual_layer(2, 2, "causal", 4),
        "causal, width 3, conditioned at hop 1": residual_layer(3, 4, "causal", 1),
        "centred, width 3, conditioned at hop 12": residual_layer(3, 1, "centred", 12),
    },
)
save(FOLDER / "crossEntropy.json", {"mild logits": cross_entropy(1), "extreme logits": cross_entropy(200)})
save(FOLDER / "embedding.json", {"a table": embedding()})
