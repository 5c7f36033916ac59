"""Files that `loadGoldens` of libs/testing reads: named cases of named arrays."""

import json


def save(path, cases):
    """Writes {case: {name: torch tensor}} with the shape, type and values (row-major) of each tensor."""
    recorded = {case: {name: _record(tensor) for name, tensor in arrays.items()} for case, arrays in cases.items()}
    path.write_text(json.dumps(recorded, separators=(",", ":")) + "\n")


def _record(tensor):
    whole = not tensor.is_floating_point()
    values = tensor.detach().flatten().tolist()
    return {
        "shape": list(tensor.shape),
        "dtype": "int32" if whole else "float32",
        "values": values if whole else [float(f"{value:.8g}") for value in values],
    }
