"""Sounds whose truth is known, made for the tests: voices, tones, music, noise, and bad lines."""

import functools
import struct
import subprocess

import numpy as np

from twiml.lab.listening import g711
from twiml.lab.listening.frames import at_telephone_rate
from twiml.lab.listening.keys import HIGH, LOW, PAD
from twiml.lab.listening.wav import parse

RATE = 8000
SPEECH_LEVEL = -20.0


def seconds(length):
    return np.zeros(round(length * RATE))


def tone(frequencies, ms, level=-13.0, rate=RATE):
    """Sines of one strength each (dBFS of their peak), with edges of 2 ms as telephones make."""
    time = np.arange(round(ms * rate / 1000)) / rate
    sound = sum(np.sin(2 * np.pi * f * time + i) for i, f in enumerate(frequencies))
    edge = np.minimum(1, np.minimum(time, time[-1] - time + 1 / rate) / 0.002)
    return sound * edge * 10 ** (level / 20)


def key(name, ms=100, level=-13.0, twist=0.0, detune=0.0, rate=RATE):
    """A key's tones; ``twist`` is how much stronger the high one is (dB), ``detune`` a share."""
    row = next(i for i, keys in enumerate(PAD) if name in keys)
    low, high = LOW[row] * (1 + detune), HIGH[PAD[row].index(name)] * (1 - detune)
    return tone([low], ms, level, rate) + tone([high], ms, level + twist, rate)


@functools.cache
def _spoken(text, voice, pace):
    made = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(pace), "--stdout", text],
        capture_output=True,
        check=True,
    )
    recording = parse(made.stdout)  # its sizes are those of a stream
    return at_telephone_rate(recording.channels[0], recording.rate).astype(np.float64)


def say(text, voice="en-us", pace=165, level=SPEECH_LEVEL):
    """Speech without the silence around it, at a level of its loud parts (dBFS, RMS)."""
    sound = _spoken(text, voice, pace)
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 10 ** (-38 / 20))
    sound = sound[loud[0] : loud[-1] + 1]
    return sound * 10 ** (level / 20) / np.sqrt(np.mean(sound**2))


def noise(length, level, seed=1, kind="white"):
    """Noise of ``length`` seconds: white, hum of the mains, or the babble of six voices."""
    random = np.random.default_rng(seed)
    count = round(length * RATE)
    if kind == "white":
        sound = random.standard_normal(count)
    elif kind == "hum":
        time = np.arange(count) / RATE
        parts = [(50, 1), (100, 0.7), (150, 0.5), (250, 0.2), (350, 0.1)]
        sound = sum(a * np.sin(2 * np.pi * f * time + f) for f, a in parts)
        sound = sound + 0.02 * random.standard_normal(count)
    else:
        sound = np.zeros(count)
        for voice in ("en-us", "en-gb", "de", "fr", "es", "it", "en-us+f3", "en-gb+f2"):
            one = say(STORY, voice, int(random.integers(140, 190)))
            one = np.roll(one, int(random.integers(len(one))))
            sound += np.resize(one, count)
    return sound * 10 ** (level / 20) / np.sqrt(np.mean(sound**2))


STORY = (
    "The office was built beside the river, and for many years the boats brought everything that "
    "the town needed: paper, nine barrels of salt, seven horses, and a piano. Nobody knew who had "
    "ordered the piano. It stood in the hall, five people learned to play it, and on Sundays the "
    "windows were opened. Please remember that our opening hours have changed. You are number "
    "three in the queue, and somebody will be with you in about eleven minutes."
)


def note(frequency, length, partials=(1, 0.5, 0.3, 0.15), decay=1.5):
    time = np.arange(round(length * RATE)) / RATE
    sound = sum(a * np.sin(2 * np.pi * frequency * (i + 1) * time) for i, a in enumerate(partials))
    return sound * np.exp(-decay * time) * np.minimum(1, time / 0.01)


def music(length, level=-20.0, seed=1):
    """Hold music: chords, broken chords, and a melody whose notes lie next to the tones of keys."""
    random = np.random.default_rng(seed)
    scale = [698.46, 783.99, 830.61, 880.0, 932.33, 1174.66, 1244.51, 1318.51, 1479.98, 1661.22]
    chords = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (-3, 0, 4)]
    sound = seconds(length)
    at, beat = 0.0, 0.4
    while at < length - 1:
        for root in chords:
            bar = [220 * 2 ** (step / 12) for step in root]
            for index in range(4):
                begin = round((at + index * beat) * RATE)
                parts = [(bar[index % 3] * 2, 0.5, beat)]
                parts += [(f, 0.3, beat * 1.5) for f in bar] if index % 2 == 0 else []
                long = float(random.choice([0.2, 0.4, 0.8]))
                parts += [(scale[random.integers(5)], 0.5, long)]
                parts += [(scale[random.integers(5, 10)], 0.5, long)]
                soft = float(random.uniform(0.3, 3))
                for f, strength, lasting in parts:
                    made = strength * note(f, lasting, decay=soft)
                    end = min(len(sound), begin + len(made))
                    sound[begin:end] += made[: max(0, end - begin)]
            at += 4 * beat
    return sound * 10 ** (level / 20) / np.sqrt(np.mean(sound**2))


def mu_law(sound):
    """To G.711 and back, as every telephone call goes."""
    return g711.MU_LAW[encoded(sound, g711.MU_LAW)]


def encoded(sound, table):
    order = np.argsort(table, kind="stable")
    middle = (table[order][1:] + table[order][:-1]) / 2
    return order[np.searchsorted(middle, np.clip(sound, -1, 1))].astype(np.uint8)


def with_lost_packets(sound, share, seed=1):
    """Packets of 20 ms that never came: silence."""
    sound = sound.copy()
    random = np.random.default_rng(seed)
    for begin in range(0, len(sound), 160):
        if random.random() < share:
            sound[begin : begin + 160] = 0
    return sound


def wav(body, tag, channels, rate, bits, before=b"", after=b"", extensible=False):
    """The bytes of a WAV file, with further chunks before and after its sound."""
    block = channels * bits // 8
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits)
    if extensible:
        guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
        fmt = struct.pack("<H", 0xFFFE) + fmt[2:] + struct.pack("<HHI", 22, bits, 0) + guid
    pad = b"\0" if len(body) % 2 else b""
    chunks = chunk(b"fmt ", fmt) + before + chunk(b"data", body) + pad + after
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body


def pcm16(sound):
    return np.round(np.clip(sound, -1, 0.9999) * 32768).astype("<i2").tobytes()


def file_of(path, *channels, rate=RATE, mu=True):
    """Write a WAV of these channels, G.711 mu-law or PCM of 16 bits."""
    longest = max(map(len, channels))
    whole = np.stack([np.pad(c, (0, longest - len(c))) for c in channels], axis=1).ravel()
    body = encoded(whole, g711.MU_LAW).tobytes() if mu else pcm16(whole)
    path.write_bytes(wav(body, 7 if mu else 1, len(channels), rate, 8 if mu else 16))
    return path
