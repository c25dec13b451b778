"""WAV files are read as recorders write them, and what is broken is named with its byte."""

import struct
import wave

import numpy as np
import pytest

from tests.twiml.lab.listening.sounds import chunk, encoded, key, mu_law, pcm16, tone, wav
from twiml.lab.listening import g711
from twiml.lab.listening.frames import at_telephone_rate
from twiml.lab.listening.keys import pressed
from twiml.lab.listening.wav import Unreadable, parse, read

SOUND = tone([697, 1209], 100, -12)


def body(kind, sound):
    if kind == "mu-law":
        return encoded(sound, g711.MU_LAW).tobytes(), 7, 8
    if kind == "A-law":
        return encoded(sound, g711.A_LAW).tobytes(), 6, 8
    if kind == "float":
        return sound.astype("<f4").tobytes(), 3, 32
    if kind == "double":
        return sound.astype("<f8").tobytes(), 3, 64
    if kind == 8:
        return np.round(sound * 127 + 128).astype(np.uint8).tobytes(), 1, 8
    if kind == 24:
        whole = np.round(sound * 2**23).astype("<i4")
        return whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes(), 1, 24
    return np.round(sound * (2 ** (kind - 1) - 1)).astype(f"<i{kind // 8}").tobytes(), 1, kind


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("kind", ["mu-law", "A-law", "float", "double", 8, 16, 24, 32])
def test_each_encoding_gives_the_sound_back(kind, extensible):
    data, tag, bits = body(kind, SOUND)
    recording = parse(wav(data, tag, 1, 8000, bits, extensible=extensible))
    assert recording.rate == 8000
    # G.711 keeps 38 dB, 8 bits keep 42 dB of a sound at this level.
    coarse = kind in ("mu-law", "A-law", 8)
    error = recording.channels[0] - SOUND
    assert np.sqrt(np.mean(error**2)) < (4e-3 if coarse else 4e-5)


def test_the_tables_are_those_of_g711():
    # ITU-T G.711, tables 1a and 2a: the ends and the middle of the positive half.
    assert [int(g711.MU_LAW[byte] * 32768) for byte in (0x80, 0x8F, 0xFF, 0x00)] == [
        *(32124, 16764, 0, -32124),
    ]
    assert [int(g711.A_LAW[byte] * 32768) for byte in (0xAA, 0xD5, 0x55, 0x2A)] == [
        *(32256, 8, -8, -32256),
    ]


def test_two_channels_are_kept_apart():
    both = np.stack([SOUND, 0 * SOUND], axis=1).ravel()
    left, right = parse(wav(pcm16(both), 1, 2, 8000, 16)).channels
    assert np.abs(left).max() > 0.2
    assert not right.any()


def test_what_the_standard_library_writes_is_read(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(11025)
        file.writeframes(pcm16(SOUND))
    assert read(tmp_path / "a.wav").rate == 11025


def test_chunks_may_come_in_any_order_with_or_without_padding():
    odd, even = chunk(b"LIST", b"abc"), chunk(b"bext", b"ab")
    data = pcm16(SOUND)
    for before in (odd + b"\0", odd, even):
        recording = parse(wav(data, 1, 1, 8000, 16, before=before, after=odd + b"\0"))
        assert len(recording.channels[0]) == len(SOUND)
    fmt, sound = wav(data, 1, 1, 8000, 16)[12:36], chunk(b"data", data)
    size = struct.pack("<I", 4 + len(sound) + len(fmt))
    assert parse(b"RIFF" + size + b"WAVE" + sound + fmt).milliseconds == 100


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_stream_whose_length_was_not_known_is_read_to_its_end(size):
    content = bytearray(wav(pcm16(SOUND), 1, 1, 8000, 16))
    content[4:8] = content[40:44] = struct.pack("<I", size)
    assert parse(bytes(content)).milliseconds == 100


WHOLE = wav(pcm16(SOUND), 1, 1, 8000, 16)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "byte 0"),
        (b"ID3\x04 an mp3 file", "byte 0: it begins with b'ID3"),
        (WHOLE[:8], "byte 0"),
        (WHOLE[:36], "byte 36: .* no chunk 'data'"),
        (WHOLE[:-100], r"byte 36: the chunk 'data' has 1600 bytes, but .* after 1500"),
        (WHOLE[:20], "byte 12: the chunk 'fmt' has 16 bytes"),
        (wav(b"", 1, 1, 8000, 16), "byte 36: there is no sound"),
        (wav(b"abc", 1, 1, 8000, 16), "byte 46: the last sample is cut off"),
        (wav(b"ab", 0x55, 1, 8000, 16), "byte 20: it is MP3"),
        (wav(b"ab", 1, 1, 8000, 12), "byte 20: PCM of 12 bits"),
        (wav(b"ab", 1, 3, 8000, 16), "byte 20: it has 3 channels"),
        (wav(b"ab", 1, 1, 2000, 16), "byte 20: 2000 samples a second"),
        (wav(struct.pack("<ff", 0, float("nan")), 3, 1, 8000, 32), "byte 48: .*not a number"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_byte(content, message):
    with pytest.raises(Unreadable, match=message):
        parse(content)


@pytest.mark.parametrize("length", range(0, len(WHOLE), 7))
def test_a_file_cut_anywhere_is_refused_and_never_crashes(length):
    with pytest.raises(Unreadable):
        parse(WHOLE[:length])


@pytest.mark.parametrize("rate", [6000, 11025, 16000, 22050, 44100, 48000])
def test_any_rate_becomes_the_telephones_with_keys_in_their_places(rate):
    silence = np.zeros(rate // 2)
    sound = np.concatenate([silence, key("7", 120, rate=rate), silence]).astype(np.float32)
    (found,) = pressed(at_telephone_rate(sound, rate))
    assert found.key == "7"
    assert abs(found.onset - 500) <= 4
    assert abs(found.length - 120) <= 6


def test_what_8000_samples_cannot_carry_is_not_folded_back():
    high = tone([6000], 500, rate=16000).astype(np.float32)
    low = tone([1000], 500, rate=16000).astype(np.float32)
    assert np.abs(at_telephone_rate(high, 16000)[100:-100]).max() < 1e-3
    kept = at_telephone_rate(low, 16000)[100:-100]
    assert np.abs(kept).max() == pytest.approx(10 ** (-13 / 20), rel=0.01)


def test_a_law_and_mu_law_carry_keys():
    for table in (g711.MU_LAW, g711.A_LAW):
        sound = table[encoded(np.concatenate([np.zeros(800), key("D"), np.zeros(800)]), table)]
        assert [found.key for found in pressed(sound)] == ["D"]
    assert [found.key for found in pressed(mu_law(key("#", 200)))] == ["#"]
