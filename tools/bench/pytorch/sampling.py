"""Incremental sampling from a WaveNet, in usual PyTorch style: ring buffers and few operators.

The past inputs of all layers are known before a step begins, so they are gathered and multiplied in one call;
the skip projections at its end are computed in one call too.
"""

import time

import torch
from torch.nn import functional as F


class Sampling:
    """Measured task: timesteps drawn one after the other, in several streams at a time."""

    def __init__(self, task, tensors, compiled):
        self.timesteps = task["timesteps"]
        with torch.inference_mode():
            sampler = Sampler(task["dilations"], tensors, task["streams"])
            self.check = [sampler.nll(tensors["symbols"][0].long())]
            if compiled:
                sampler.layers = torch.compile(sampler.layers)
        self.sampler = sampler
        self.symbols = torch.zeros(task["streams"], dtype=torch.long)

    def run(self, part):
        """Draws a number of symbols in each stream and returns the seconds taken."""
        assert part == "sample"
        start = time.perf_counter()
        with torch.inference_mode():
            for _ in range(self.timesteps):
                probabilities = self.sampler.step(self.symbols).softmax(1)
                self.symbols = torch.multinomial(probabilities, 1)[:, 0]
        return time.perf_counter() - start


class Sampler:
    """WaveNet one timestep at a time; names and shapes of weights follow libs/wavenet."""

    def __init__(self, dilations, weights, streams):
        count = len(dilations)
        layers = range(count)
        part = lambda name, layers=layers: [weights[f"stack/layers/{index}/{name}"] for index in layers]  # noqa: E731
        kernels = torch.stack(part("kernel"))
        self.past_kernels = kernels[:, 0].contiguous()
        self.kernels = list(kernels[:, 1].contiguous())
        self.biases = torch.stack(part("bias"))[:, None]
        self.residuals = [
            (kernel.T.contiguous(), bias)
            for kernel, bias in zip(part("residualKernel", layers[:-1]), part("residualBias", layers[:-1]))
        ]
        self.skip_kernel = torch.cat(part("skipKernel"))
        self.skip_bias = torch.stack(part("skipBias")).sum(0)
        self.hidden = weights["head/hiddenKernel"].T.contiguous(), weights["head/hiddenBias"]
        self.logits = weights["head/logitsKernel"].T.contiguous(), weights["head/logitsBias"]
        self.table = weights["input/table"]
        self.dilations = torch.tensor(dilations)
        # Ring buffers of all layers, concatenated: [slots, streams, channels].
        self.offsets = torch.cumsum(self.dilations, 0) - self.dilations
        self.buffers = torch.zeros(sum(dilations), streams, self.table.shape[1])
        self.position = 0

    def step(self, symbols):
        """Logits [streams, symbols] after symbols [streams] of the previous step; None at the start."""
        streams, channels = self.buffers.shape[1:]
        x = torch.zeros(streams, channels) if symbols is None else self.table[symbols]
        slots = self.offsets + self.position % self.dilations
        before = torch.baddbmm(self.biases, self.buffers[slots], self.past_kernels)
        logits, inputs = self.layers(x, before)
        self.buffers[slots] = inputs
        self.position += 1
        return logits

    def layers(self, x, before):
        """Logits, and the inputs of all layers, from the first layer's input and the products of past taps."""
        inputs, gated = [], []
        for kernel, past, residual in zip(self.kernels, before.unbind(0), [*self.residuals, None]):
            filters, controls = torch.addmm(past, x, kernel).chunk(2, 1)
            z = torch.tanh(filters) * torch.sigmoid(controls)
            inputs.append(x)
            gated.append(z)
            if residual is not None:
                x = x + F.linear(z, *residual)
        skips = torch.addmm(self.skip_bias, torch.cat(gated, 1), self.skip_kernel)
        logits = F.linear(F.relu(F.linear(F.relu(skips), *self.hidden)), *self.logits)
        return logits, torch.stack(inputs)

    def nll(self, symbols):
        """Mean negative log-likelihood of symbols [time], in nats per timestep, for comparison with the other side."""
        streams = self.buffers.shape[1]
        total, previous = 0.0, None
        for symbol in symbols:
            total -= self.step(previous)[0].log_softmax(0)[symbol].item()
            previous = symbol.expand(streams)
        return total / len(symbols)
