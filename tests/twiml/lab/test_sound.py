"""The call as sound: an independent decoder hears the keys that the report says were sent."""

from __future__ import annotations

import array
import io
import math
import subprocess
import wave

import pytest

from twiml.emulator.audio import murmur
from twiml.emulator.dtmf import FREQUENCIES, RATE, tone
from twiml.lab import Unknowns, try_extension
from twiml.lab.report import Report
from twiml.lab.sound import espeak, wav

DECODER_RATE = 22_050
WITHIN_MS = 20
ALL_KEYS = "1w2w3w4w5w6w7w8w9w*w0w#wAwBwCwD"


def samples_of(sound: bytes) -> list[int]:
    with wave.open(io.BytesIO(sound), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return list(array.array("h", file.readframes(file.getnframes())))


def decoded(samples: list[int]) -> str:
    """The keys that multimon-ng hears; it wants another rate, and silence at both ends."""
    padded = [0] * 800 + samples + [0] * 800
    step = RATE / DECODER_RATE
    raised = array.array("h")
    for n in range(int((len(padded) - 1) / step)):
        place, part = int(n * step), n * step % 1
        raised.append(round(padded[place] * (1 - part) + padded[place + 1] * part))
    command = ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", "-"]
    done = subprocess.run(command, input=raised.tobytes(), capture_output=True, check=True)
    return "".join(line.split()[-1] for line in done.stdout.decode().splitlines())


def cut(samples: list[int], start: int, end: int) -> list[int]:
    return samples[max(0, start) * RATE // 1000 : end * RATE // 1000]


def sent(report: Report) -> list[tuple[str, int, int]]:
    return [(key.key, key.at, key.ms) for key in report.keys if key.at is not None]


CALLS = [
    ("+19029052034", "wwww2wwwwww5wwwwww9", Unknowns()),
    ("+19029052034", "www2w5wwwwww9", Unknowns(tone=100)),
    ("gallery:bank", "WWWWWWWWWw123456#WWW0", Unknowns(tone=120)),
    ("gallery:queue", "WWWW1", Unknowns(tone=160, waits_add=False)),
    ("gallery:dentist", ALL_KEYS, Unknowns(tone=100)),
]


@pytest.mark.parametrize(("model", "extension", "unknowns"), CALLS)
def test_multimon_hears_the_keys_of_the_report_in_order(model, extension, unknowns):
    report = try_extension(model, extension, unknowns, margins=False)
    samples = samples_of(wav(report))
    assert len(samples) == report.length * RATE // 1000
    assert decoded(samples) == "".join(key for key, _, _ in sent(report))


@pytest.mark.parametrize(("model", "extension", "unknowns"), CALLS[:4])
def test_multimon_hears_each_key_where_the_report_has_it_and_none_elsewhere(
    model, extension, unknowns
):
    report = try_extension(model, extension, unknowns, margins=False)
    samples, before = samples_of(wav(report)), 0
    for key, at, ms in sent(report):
        assert decoded(cut(samples, at - WITHIN_MS, at + ms + WITHIN_MS)) == key
        assert decoded(cut(samples, before, at)) == ""
        before = at + ms
    assert decoded(cut(samples, before, report.length)) == ""


def power(samples: list[int], frequency: int) -> float:
    angle = 2 * math.pi * frequency / RATE
    real = sum(one * math.cos(angle * n) for n, one in enumerate(samples))
    imaginary = sum(one * math.sin(angle * n) for n, one in enumerate(samples))
    return math.hypot(real, imaginary) / len(samples)


@pytest.mark.parametrize(("model", "extension", "unknowns"), CALLS[:4])
def test_the_tones_of_a_key_begin_within_20_ms_of_the_report(model, extension, unknowns):
    report = try_extension(model, extension, unknowns, margins=False)
    samples = samples_of(wav(report))
    for key, at, _ in sent(report):
        full = [power(cut(samples, at + 20, at + 60), one) for one in FREQUENCIES[key]]
        for frequency, level in zip(FREQUENCIES[key], full, strict=True):
            rises = next(
                late
                for late in range(-40, 60, 5)
                if power(cut(samples, at + late, at + late + 20), frequency) > level / 2
            )
            assert abs(rises + 10) <= WITHIN_MS  # the middle of the first window that has it


def test_a_key_is_two_sines_with_the_high_one_a_little_stronger():
    for key, (low, high) in FREQUENCIES.items():
        samples = [round(10_000 * one) for one in tone(key, 200)]
        twist = 20 * math.log10(power(samples, high) / power(samples, low))
        assert 1 < twist < 4
        others = {one for pair in FREQUENCIES.values() for one in pair} - {low, high}
        assert all(power(samples, one) < power(samples, low) / 20 for one in others)
        assert len(samples) == 200 * RATE // 1000


@pytest.mark.parametrize("speaker", [espeak, murmur])
@pytest.mark.parametrize("ms", [300, 1877, 5000])
def test_speech_lasts_exactly_as_long_as_in_the_model(speaker, ms):
    samples = speaker("Welcome to Fundy Freight.", ms)
    assert len(samples) == ms * RATE // 1000
    assert max(map(abs, samples)) > 0.02
    assert max(map(abs, samples)) < 0.5


def test_it_rings_before_the_answer_and_nobody_speaks_then():
    report = try_extension("+19029052034", "", margins=False)
    samples = samples_of(wav(report, murmur))
    assert max(cut(samples, 0, 500)) == 0
    assert power(cut(samples, 600, 1000), 440) > 500
    assert report.answered == 2500
    assert max(cut(samples, 2600, 4000)) > 300


def test_the_sound_of_a_report_is_the_same_each_time():
    report = try_extension("+19029052034", "ww2", margins=False)
    assert wav(report, murmur) == wav(report, murmur)
