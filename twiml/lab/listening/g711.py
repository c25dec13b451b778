"""G.711, the telephone's own coding: each of the 256 bytes and the sample that it stands for.

ITU-T G.711: a sign, an exponent of three bits and a mantissa of four. Samples are -1 to 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def _mu_law(byte: int) -> int:
    turned = ~byte & 0xFF
    exponent, mantissa = turned >> 4 & 7, turned & 15
    size = ((2 * mantissa + 33) << exponent) - 33
    return 4 * (-size if turned & 0x80 else size)


def _a_law(byte: int) -> int:
    turned = byte ^ 0x55
    exponent, mantissa = turned >> 4 & 7, turned & 15
    size = 2 * mantissa + 1 if exponent == 0 else (2 * mantissa + 33) << (exponent - 1)
    return 8 * (size if turned & 0x80 else -size)


def _table(samples: list[int]) -> NDArray[np.float32]:
    return (np.array(samples) / 32768).astype(np.float32)


MU_LAW = _table([_mu_law(byte) for byte in range(256)])
A_LAW = _table([_a_law(byte) for byte in range(256)])
