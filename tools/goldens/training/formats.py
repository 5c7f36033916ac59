"""Goldens of the file formats of libs/training, by the formats' own Python packages: writes weights.safetensors and
events.json beside this file.

Run from anywhere, with the packages safetensors and tensorboard installed: python tools/goldens/training/formats.py
"""

import io
import json
import pathlib

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
