"""Training steps of a WaveNet, in usual PyTorch style: [batch, channels, time], conv1d, fused projections."""

import time

import torch
from torch import nn
from torch.nn import functional as F


class WaveNet(nn.Module):
    """WaveNet of libs/wavenet with one-hot input, built from weights with the names and shapes used there."""

    def __init__(self, dilations, weights):
        super().__init__()
        self.dilations = dilations
        self.channels = weights["input/table"].shape[1]
        self.table = nn.Parameter(weights["input/table"].clone())
        self.convolutions, self.mixes = nn.ModuleList(), nn.ModuleList()
        for index, dilation in enumerate(dilations):
            part = lambda name: weights[f"stack/layers/{index}/{name}"]  # noqa: E731, B023
            self.convolutions.append(convolution(part("kernel"), part("bias"), dilation))
            last = index == len(dilations) - 1
            kernels = [part("skipKernel")] if last else [part("residualKernel"), part("skipKernel")]
            biases = [part("skipBias")] if last else [part("residualBias"), part("skipBias")]
            self.mixes.append(convolution(torch.cat(kernels, 1)[None], torch.cat(biases)))
        self.hidden = convolution(weights["head/hiddenKernel"][None], weights["head/hiddenBias"])
        self.logits = convolution(weights["head/logitsKernel"][None], weights["head/logitsBias"])

    def forward(self, symbols):
        """Mean negative log-likelihood of symbols [batch, time], in nats per timestep."""
        x = F.pad(F.embedding(symbols, self.table).transpose(1, 2)[..., :-1], (1, 0))
        skips = 0
        for index, dilation in enumerate(self.dilations):
            filters, controls = self.convolutions[index](F.pad(x, (dilation, 0))).chunk(2, 1)
            mixed = self.mixes[index](torch.tanh(filters) * torch.sigmoid(controls))
            if index < len(self.dilations) - 1:
                x = x + mixed[:, : self.channels]
                mixed = mixed[:, self.channels :]
            skips = skips + mixed
        return F.cross_entropy(self.logits(F.relu(self.hidden(F.relu(skips)))), symbols)


def convolution(kernel, bias, dilation=1):
    """Convolution layer from a kernel [width, in, out] and a bias [out]."""
    width, inputs, outputs = kernel.shape
    layer = nn.Conv1d(inputs, outputs, width, dilation=dilation)
    with torch.no_grad():
        layer.weight.copy_(kernel.permute(2, 1, 0))
        layer.bias.copy_(bias)
    return layer


class Training:
    """Measured task: parts of a training step with Adam."""

    def __init__(self, task, tensors, compiled):
        symbols = tensors["symbols"].long()
        model = WaveNet(task["dilations"], tensors)
        # These losses are compared: both sides must be the same net.
        optimiser = torch.optim.Adam(model.parameters(), lr=task["learningRate"])
        self.check = []
        for _ in range(task["checkSteps"]):
            loss = model(symbols[:, : task["checkLength"]])
            self.check.append(loss.item())
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        self.loss = torch.compile(model) if compiled else model
        self.symbols = symbols
        self.optimiser = optimiser

    def run(self, part):
        """Does a part once: forward, gradients (forward and backward) or step (with the optimiser). Returns the seconds."""
        start = time.perf_counter()
        if part == "forward":
            with torch.no_grad():
                self.loss(self.symbols).item()
        else:
            self.optimiser.zero_grad()
            loss = self.loss(self.symbols)
            loss.backward()
            if part == "step":
                self.optimiser.step()
            loss.item()
        return time.perf_counter() - start
