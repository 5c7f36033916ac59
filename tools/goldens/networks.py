"""Fermata's networks in PyTorch, with Fermata's names and shapes of weights; sequences are [batch, time, channels]."""

import torch
from torch.nn import functional as F


class Weights(dict):
    """Draws a weight and stores it under its name: `weights("head/hiddenBias", 4)`."""

    def __call__(self, name, *shape):
        self[name] = (0.5 * torch.randn(*shape)).requires_grad_()
        return self[name]

    def gradients(self):
        return {f"gradient of {name}": value.grad for name, value in self.items()}


def symbol_input(weights, name, symbols, count, channels, one_hot):
    if one_hot:
        return F.one_hot(symbols, count).to(torch.get_default_dtype()) @ weights(f"{name}/table", count, channels)
    values = (symbols - count / 2) / (count / 2)
    return values[..., None] @ weights(f"{name}/kernel", 1, channels) + weights(f"{name}/bias", channels)


def affine(weights, name, x, channels):
    """Product with `<name>Kernel`, plus `<name>Bias`."""
    return x @ weights(f"{name}Kernel", x.shape[-1], channels) + weights(f"{name}Bias", channels)


def gated_stack(weights, name, x, dilations, width, gate, skip, causal=True, conditioning=None, hop=1):
    """Sum of the skips of gated layers; each timestep of the conditioning covers `hop` timesteps of x."""
    channels = x.shape[-1]
    skips = 0
    for index, dilation in enumerate(dilations):
        layer = f"{name}/layers/{index}"
        reach = (width - 1) * dilation
        padded = F.pad(x.transpose(1, 2), (reach, 0) if causal else (reach // 2, reach // 2))
        kernel = weights(f"{layer}/kernel", width, channels, 2 * gate)
        a = F.conv1d(padded, kernel.permute(2, 1, 0), weights(f"{layer}/bias", 2 * gate), dilation=dilation)
        a = a.transpose(1, 2)
        if conditioning is not None:
            projected = conditioning @ weights(f"{layer}/conditioningKernel", conditioning.shape[-1], 2 * gate)
            a = a + projected.repeat_interleave(hop, dim=1)
        z = torch.tanh(a[..., :gate]) * torch.sigmoid(a[..., gate:])
        skips = skips + affine(weights, f"{layer}/skip", z, skip)
        if index < len(dilations) - 1:
            x = x + affine(weights, f"{layer}/residual", z, channels)
    return skips


def wavenet_logits(weights, prefix, symbols, count, config, one_hot=True, conditioning=None, hop=1):
    """Logits; those at t depend only on earlier symbols. config: dilations, width, channels, gate, skip, head."""
    x = symbol_input(weights, f"{prefix}input", symbols, count, config["channels"], one_hot)
    x = F.pad(x, (0, 0, 1, 0))[:, : symbols.shape[1]]
    sizes = [config[name] for name in ("dilations", "width", "gate", "skip")]
    skips = gated_stack(weights, f"{prefix}stack", x, *sizes, conditioning=conditioning, hop=hop)
    hidden = affine(weights, f"{prefix}head/hidden", F.relu(skips), config["head"])
    return affine(weights, f"{prefix}head/logits", F.relu(hidden), count)
