"""Golden of powerSpectrogram, by scipy.signal.stft: writes stft.json beside this file.

Run from anywhere: python3 tools/goldens/audio/stft.py
"""

import json
import pathlib

import numpy
import scipy
import scipy.signal

SIZE, HOP, LENGTH, RATE = 64, 24, 301, 1000
random = numpy.random.default_rng(1)
time = numpy.arange(LENGTH) / RATE
samples = 0.5 * numpy.sin(2 * numpy.pi * 125 * time) + 0.1 * random.standard_normal(LENGTH)
samples = samples.astype(numpy.float32)

_, _, spectrum = scipy.signal.stft(
    samples.astype(numpy.float64), fs=RATE, window="hann", nperseg=SIZE, noverlap=SIZE - HOP
)
power = (2 * numpy.abs(spectrum.T)) ** 2  # scipy scales a full sine to 1/2

golden = {
    "made_by": f"scipy {scipy.__version__}",
    "size": SIZE,
    "hop": HOP,
    "samples": [float(f"{value:.9g}") for value in samples],
    "frames": power.shape[0],
    "bins": power.shape[1],
    "power": [float(f"{value:.7g}") for value in power.ravel()],
}
pathlib.Path(__file__).with_name("stft.json").write_text(json.dumps(golden) + "\n")
