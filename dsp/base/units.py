"""Conversions between the units of the trade, each in one place."""

import math


def db_to_gain(value_db: float) -> float:
    """Linear gain of a level in dB."""
    return float(10.0 ** (value_db / 20.0))


def gain_to_db(gain: float) -> float:
    """Level in dB of a linear gain; −inf for 0."""
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def level_to_gain(level: float) -> float:
    """Linear gain of a slider from 0 to 100: a square law, exactly 0 at 0 and exactly 1 at 100."""
    return (level / 100.0) ** 2


def gain_to_level(gain: float) -> float:
    """Slider position from 0 to 100 of a linear gain; the inverse of `level_to_gain`."""
    return 100.0 * math.sqrt(gain)


def dyadic(value: float) -> float:
    """Nearest multiple of 2⁻²⁴: sums and differences of such values below 2²⁸ are exact in float64."""
    return round(value * 16_777_216.0) / 16_777_216.0
