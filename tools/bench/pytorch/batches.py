"""Random excerpts from a file of bytes, in usual PyTorch style: memory-mapped, sliced, converted."""

import time

import torch


class Batches:
    """Measured task: batches [batch, length] of int64 symbols."""

    check = ()

    def __init__(self, task, _tensors, _compiled):
        self.shard = torch.from_file(task["shard"], size=task["shardBytes"], dtype=torch.uint8)
        self.batch, self.length = task["batch"], task["length"]

    def run(self, part):
        """Draws a batch and returns the seconds taken."""
        assert part == "batch"
        start = time.perf_counter()
        starts = torch.randint(len(self.shard) - self.length + 1, (self.batch,)).tolist()
        torch.stack([self.shard[first : first + self.length] for first in starts]).long()
        return time.perf_counter() - start
