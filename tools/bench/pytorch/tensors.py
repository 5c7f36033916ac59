"""Reads tensors of the other side in the safetensors format, without its package or NumPy."""

import json
from pathlib import Path

import torch

_TYPES = {"F32": torch.float32, "I32": torch.int32}


def load(path):
    """Tensors of a safetensors file, by name."""
    contents = bytearray(Path(path).read_bytes())
    start = 8 + int.from_bytes(contents[:8], "little")
    header = json.loads(contents[8:start])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(contents[start + begin : start + end], dtype=_TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors
