"""Goldens of the file formats of libs/training, by the formats' own Python packages: writes weights.safetensors,
weights-bf16.safetensors, bf16.json and events.json beside this file.

Run from anywhere, with the packages safetensors, ml_dtypes and tensorboard installed: python tools/goldens/training/formats.py
"""

import io
import json
import pathlib

import ml_dtypes
import numpy
import safetensors.numpy
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

folder = pathlib.Path(__file__).parent

weights = {
    "encoder/layer0/kernel": numpy.linspace(-1, 1, 6, dtype=numpy.float32).reshape(1, 2, 3),
    "counts": numpy.array([3, -2, 2**31 - 1], dtype=numpy.int32),
    "codes": numpy.array([0, 7, 255], dtype=numpy.uint8),
    "scalar": numpy.array(0.5, dtype=numpy.float32),
    "empty": numpy.zeros((0, 4), dtype=numpy.float32),
}
safetensors.numpy.save_file(weights, folder / "weights.safetensors", metadata={"step": "12", "note": "größer"})

# Ties of rounding, both ways, denormals and the largest values among them.
ties = numpy.array([1 + 2.0**-8, 1 + 3 * 2.0**-8, -1 - 2.0**-8, 2.0**-130, 3.3e38, 0, -0.0], dtype=numpy.float32)
reals = numpy.concatenate([ties, numpy.random.default_rng(1).normal(size=57).astype(numpy.float32)])
rounded = reals.astype(ml_dtypes.bfloat16)
safetensors.numpy.save_file({"reals": rounded.reshape(8, 8)}, folder / "weights-bf16.safetensors")
(folder / "bf16.json").write_text(json.dumps({"reals": reals.tolist(), "rounded": rounded.astype(float).tolist()}) + "\n")


def scalars(step, values):
    return Event(
        wall_time=1e9 + 0.25,
        step=step,
        summary=Summary(value=[Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]),
    )


events = {
    "version": Event(wall_time=1e9 + 0.25, file_version="brain.Event:2"),
    "start": Event(wall_time=1e9 + 0.25, step=301, session_log=SessionLog(status=SessionLog.START)),
    "scalars": scalars(300, {"train/nll": 2.5, "train/loss": -0.1}),
    "late": scalars(2**40 + 3, {"train/nll": 1e-8}),
}


def frame(event):
    stream = io.BytesIO()
    RecordWriter(stream).write(event.SerializeToString())
    return stream.getvalue().hex()


(folder / "events.json").write_text(json.dumps({name: frame(event) for name, event in events.items()}) + "\n")
