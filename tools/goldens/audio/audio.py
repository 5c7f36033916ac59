"""Goldens of libs/audio: mu-law by NumPy; files of each format and resampling by SoX and FFmpeg.

Writes mulaw.json, resample.json, decoded.json and sounds/ beside itself.
Run from the root of the repository: python3 tools/goldens/audio/audio.py
"""

import base64
import json
import pathlib
import subprocess
import tempfile

import numpy
import scipy.io.wavfile

FOLDER = pathlib.Path("tools/goldens/audio")
SOUNDS = FOLDER / "sounds"


def base64_floats(values):
    return base64.b64encode(numpy.asarray(values, dtype="<f4").tobytes()).decode()


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True).stdout


def save(name, value):
    (FOLDER / f"{name}.json").write_text(json.dumps(value) + "\n")


def mu_law():
    """G.711's curve with any number of levels, in float64, rounded half up."""
    random = numpy.random.default_rng(1)
    samples = numpy.concatenate(
        [[-1, 1, 0, -2, 2], random.uniform(-1, 1, 100), random.uniform(-1, 1, 100) ** 5]
    ).astype(numpy.float32)
    cases = []
    for symbols in (4, 256, 1024, 4096):
        mu = symbols - 1
        x = numpy.clip(samples.astype(numpy.float64), -1, 1)
        companded = numpy.sign(x) * numpy.log1p(mu * numpy.abs(x)) / numpy.log1p(mu)
        codes = numpy.floor((companded + 1) / 2 * mu + 0.5).astype(int)
        level = 2 * numpy.arange(symbols) / mu - 1
        levels = numpy.sign(level) * (numpy.power(1.0 + mu, numpy.abs(level)) - 1) / mu
        cases.append({"symbols": symbols, "codes": codes.tolist(), "levels": base64_floats(levels)})
    save("mulaw", {"samples": base64_floats(samples), "cases": cases})


def resampling():
    """Sines under a Hann window: resampling must keep those below 7 kHz and remove those above 8 kHz."""
    frequencies = [110, 523.25, 1760, 4186, 6900, 8600, 10000, 15000, 21000]
    cases = []
    for rate in (8000, 22050, 44100, 48000, 96000):
        present = [f for f in frequencies if f < 0.43 * rate or 8000 < f < rate / 2]
        length = rate // 10
        time = numpy.arange(length) / rate
        window = 0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(length) / length)
        samples = window * sum(numpy.sin(2 * numpy.pi * f * time) for f in present) / len(present)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "in.wav"
            scipy.io.wavfile.write(path, rate, samples)
            raw = run("sox", path, "-t", "f32", "-", "rate", "-v", "16000")
        expected = numpy.frombuffer(raw, dtype="<f4")
        cases.append(
            {"rate": rate, "frequencies": present, "length": length, "expected": base64_floats(expected)}
        )
    save("resample", cases)


def decoding():
    """The same tenth of a second of two voices in every format, and its decoding by SoX or FFmpeg."""
    SOUNDS.mkdir(exist_ok=True)
    rate, length = 16000, 1600
    time = numpy.arange(length) / rate
    window = numpy.exp(-20 * time)
    left = 0.6 * window * numpy.sin(2 * numpy.pi * 440 * time)
    right = 0.4 * window * numpy.sin(2 * numpy.pi * 660 * time + 1)
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source.wav"
        scipy.io.wavfile.write(source, rate, numpy.stack([left, right], axis=1).astype(numpy.float32))
        exact = ["sox", "-D", source]
        run(*exact, "-b", "8", "-e", "unsigned-integer", SOUNDS / "pcm8.wav")
        run(*exact, "-b", "16", "-e", "signed-integer", "-t", "wavpcm", SOUNDS / "pcm16.wav")
        run(*exact, "-b", "24", "-e", "signed-integer", "-t", "wavpcm", SOUNDS / "pcm24.wav")
        run(*exact, "-b", "24", "-e", "signed-integer", SOUNDS / "extensible24.wav")
        run(*exact, "-b", "32", "-e", "signed-integer", SOUNDS / "extensible32.wav")
        run(*exact, "-b", "32", "-e", "floating-point", SOUNDS / "float32.wav")
        run(*exact, "-b", "64", "-e", "floating-point", SOUNDS / "float64.wav")
        run(*exact, "-b", "16", SOUNDS / "flac16.flac")
        run(*exact, "-b", "24", SOUNDS / "flac24.flac")
        run(*exact, "-b", "16", "-e", "signed-integer", "-c", "1", "-t", "wavpcm", SOUNDS / "mono16.wav")
        run(*exact, "-b", "24", "-e", "signed-integer", "-B", "-t", "wavpcm", SOUNDS / "rifx24.wav")
        run(*exact, "-e", "a-law", SOUNDS / "alaw.wav")
        encode = ["ffmpeg", "-v", "error", "-y", "-i", source, "-map_metadata", "-1"]
        run(*encode, "-c:a", "libmp3lame", "-b:a", "64k", SOUNDS / "lame.mp3")
        run(*encode, "-ar", "44100", "-c:a", "libmp3lame", "-b:a", "128k", "-write_xing", "0", SOUNDS / "no-xing.mp3")
        run(*encode, "-c:a", "libvorbis", "-q:a", "4", SOUNDS / "vorbis.ogg")
        run(*encode, "-c:a", "libopus", "-b:a", "32k", SOUNDS / "opus.ogg")
        run(*encode, "-c:a", "flac", "-sample_fmt", "s16", SOUNDS / "flac.ogg")
        run(*encode, "-c:a", "aac", "-b:a", "32k", SOUNDS / "aac.m4a")
    decoded = {}
    for path in sorted(SOUNDS.iterdir()):
        if path.name in ("alaw.wav", "aac.m4a"):
            continue
        probe = ["ffprobe", "-v", "error", "-show_entries", "stream=sample_rate,channels", "-of", "json", path]
        stream = json.loads(run(*probe))["streams"][0]
        # FFmpeg drops the first block of Vorbis. SoX ignores the silence around an MP3, and cannot read Opus or FLAC in Ogg.
        if path.name == "opus.ogg":
            raw = run("ffmpeg", "-v", "error", "-c:a", "libopus", "-i", path, "-f", "f32le", "-")
        elif path.suffix == ".mp3" or path.name == "flac.ogg":
            raw = run("ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-")
        else:
            raw = run("sox", path, "-t", "f32", "-")
        channels = numpy.frombuffer(raw, dtype="<f4").reshape(-1, stream["channels"]).T
        decoded[path.name] = {
            "sampleRate": int(stream["sample_rate"]),
            "channels": [base64_floats(channel) for channel in channels],
        }
    save("decoded", decoded)


mu_law()
resampling()
decoding()
