"""WAV files, read with care: what recorders of calls really write.

The standard library's ``wave`` reads PCM only, and telephone recordings are mostly G.711. Formats
and chunks: Microsoft's Multimedia Programming Interface (1991) and WAVEFORMATEXTENSIBLE.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twiml.lab.listening import g711

Samples = NDArray[np.float32]

LOWEST_RATE, HIGHEST_RATE = 4000, 384_000  # below the first, the higher tones of keys are gone
LONGEST_FILE = 2 << 30
_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_NAMES = {_PCM: "PCM", _FLOAT: "float", _A_LAW: "G.711 A-law", _MU_LAW: "G.711 mu-law"}
_OTHERS = {2: "MS ADPCM", 0x11: "IMA ADPCM", 0x31: "GSM 06.10", 0x40: "G.721", 0x55: "MP3"}
_BITS = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64), _A_LAW: (8,), _MU_LAW: (8,)}
# The last 14 bytes of every sub-format that stands for one of the old format numbers.
_KNOWN_GUID = bytes.fromhex("000000001000800000aa00389b71")
_STREAMED = 0x7FFFF000  # from here on a size says: written to a pipe, it could not be known


class Unreadable(ValueError):
    """The file is no recording that can be read; the message says where and what is wrong."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound as it stood in a file: samples of -1 to 1 for each channel, and how they were kept."""

    channels: tuple[Samples, ...]
    rate: int
    encoding: str

    @property
    def milliseconds(self) -> int:
        """How long it is."""
        return len(self.channels[0]) * 1000 // self.rate


@dataclass(frozen=True, slots=True)
class _Chunk:
    name: bytes
    at: int
    body: memoryview


@dataclass(frozen=True, slots=True)
class _Format:
    tag: int
    channels: int
    rate: int
    bits: int


def read(path: Path) -> Recording:
    """Read a WAV file. Raises Unreadable, or OSError where it cannot be opened."""
    if path.stat().st_size > LONGEST_FILE:
        raise Unreadable(f"it is larger than {LONGEST_FILE >> 30} GiB")
    return parse(path.read_bytes())


def parse(content: bytes) -> Recording:
    """Read a WAV file's bytes: PCM of 8 to 32 bits, float, or G.711, with one or two channels.

    Raises Unreadable with the offset of the byte at which it goes wrong.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE" or len(content) < 12:
        raise Unreadable(f"byte 0: it begins with {content[:4]!r}, not with a WAV file's RIFF")
    found: dict[bytes, _Chunk] = {}
    for chunk in _chunks(memoryview(content)):
        found.setdefault(chunk.name, chunk)
    if b"fmt " not in found or b"data" not in found:
        missing = "fmt" if b"fmt " not in found else "data"
        raise Unreadable(f"byte {len(content)}: the file ends and had no chunk {missing!r}")
    form = _format(found[b"fmt "])
    return _recording(form, found[b"data"])


def _chunks(content: memoryview) -> Iterator[_Chunk]:
    at = 12
    whole = struct.unpack_from("<I", content, 4)[0] + 8 == len(content)
    while at + 8 <= len(content):
        name = bytes(content[at : at + 4])
        (size,) = struct.unpack_from("<I", content, at + 4)
        begin = at + 8
        if name == b"data" and (size >= _STREAMED or (size == 0 and not whole)):
            size = len(content) - begin
        if begin + size > len(content):
            raise Unreadable(
                f"byte {at}: the chunk {name.decode('latin-1').strip()!r} has {size} bytes, "
                f"but the file ends after {len(content) - begin} of them: it is cut off"
            )
        yield _Chunk(name, at, content[begin : begin + size])
        at = begin + size
        # An odd chunk is followed by a byte of padding, which some writers forget.
        if size % 2 and not bytes(content[at : at + 4]).isalpha():
            at += 1


def _format(chunk: _Chunk) -> _Format:
    body = chunk.body
    if len(body) < 16:
        raise Unreadable(f"byte {chunk.at}: the chunk 'fmt' has {len(body)} bytes, 16 are needed")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE:
        if len(body) < 40:
            raise Unreadable(
                f"byte {chunk.at}: the extensible 'fmt' has {len(body)} bytes, 40 are needed"
            )
        (tag,) = struct.unpack_from("<H", body, 24)
        if bytes(body[26:40]) != _KNOWN_GUID:
            raise Unreadable(f"byte {chunk.at + 32}: its sub-format is not a known one")
    where = f"byte {chunk.at + 8}"
    if tag not in _BITS:
        name = _OTHERS.get(tag, f"format {tag:#x}")
        raise Unreadable(f"{where}: it is {name}; PCM, float and G.711 can be read")
    if bits not in _BITS[tag]:
        raise Unreadable(f"{where}: {_NAMES[tag]} of {bits} bits; {_BITS[tag]} can be read")
    if channels not in (1, 2):
        raise Unreadable(f"{where}: it has {channels} channels; one or two can be read")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise Unreadable(
            f"{where}: {rate} samples a second; {LOWEST_RATE} to {HIGHEST_RATE} can be read"
        )
    return _Format(tag, channels, rate, bits)


def _recording(form: _Format, data: _Chunk) -> Recording:
    frame = form.channels * form.bits // 8
    if not len(data.body):
        raise Unreadable(f"byte {data.at}: there is no sound in it")
    if len(data.body) % frame:
        raise Unreadable(
            f"byte {data.at + 8 + len(data.body) // frame * frame}: the last sample is cut off "
            f"({len(data.body) % frame} of {frame} bytes)"
        )
    samples = _decoded(form, data.body)
    if not np.isfinite(samples).all():
        first = int(np.argmin(np.isfinite(samples)))
        raise Unreadable(f"byte {data.at + 8 + first * form.bits // 8}: a sample is not a number")
    channels = tuple(
        np.ascontiguousarray(samples[index :: form.channels]) for index in range(form.channels)
    )
    name = _NAMES[form.tag]
    return Recording(channels, form.rate, name if name[0] == "G" else f"{name} {form.bits} bit")


def _decoded(form: _Format, body: memoryview) -> Samples:
    if form.tag == _MU_LAW:
        return g711.MU_LAW[np.frombuffer(body, np.uint8)]
    if form.tag == _A_LAW:
        return g711.A_LAW[np.frombuffer(body, np.uint8)]
    if form.tag == _FLOAT:
        return np.frombuffer(body, f"<f{form.bits // 8}").astype(np.float32)
    if form.bits == 8:  # the only one without a sign
        return (np.frombuffer(body, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(
            128
        )
    if form.bits == 24:
        wide = np.zeros((len(body) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(body, np.uint8).reshape(-1, 3)
        return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2**31)
    whole = np.frombuffer(body, f"<i{form.bits // 8}")
    return whole.astype(np.float32) / np.float32(2 ** (form.bits - 1))
