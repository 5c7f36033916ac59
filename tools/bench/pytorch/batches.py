"""Random excerpts from a file of bytes, as one writes it in PyTorch: mapped into memory, sliced, widened."""

import time

import torch


class Batches:
    """What the command measures: batches [batch, length] of int64 symbols."""

    check = ()

    def __init__(self, task, _tensors, _compiled):
        self.shard = torch.from_file(task["shard"], size=task["shardBytes"], dtype=torch.uint8)
        self.batch, self.length = task["batch"], task["length"]

    def run(self, part):
        """Draws a batch. Takes seconds."""
        assert part == "batch"
        start = time.perf_counter()
        starts = torch.randint(len(self.shard) - self.length + 1, (self.batch,)).tolist()
        torch.stack([self.shard[first : first + self.length] for first in starts]).long()
        return time.perf_counter() - start
