"""What a parameter is: its address, range, unit and how it moves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter that may be set while the sound plays."""

    address: str
    name: str
    unit: str
    lo: float
    hi: float
    default: float | str
    """A number within lo and hi, or one of `choices`."""
    step: float
    taper: str
    """How a control should map its travel: linear, log, square or choice."""
    ramp_ms: float
    choices: tuple[str, ...] | None = None

    def clamp(self, value: float) -> float:
        """Nearest value within the range."""
        return min(max(value, self.lo), self.hi)

    def to_json(self) -> dict[str, object]:
        """The specification as the wire carries it; `choices` only where there are some."""
        out: dict[str, object] = {
            "address": self.address,
            "name": self.name,
            "unit": self.unit,
            "lo": self.lo,
            "hi": self.hi,
            "default": self.default,
            "step": self.step,
            "taper": self.taper,
            "ramp_ms": self.ramp_ms,
        }
        if self.choices is not None:
            out["choices"] = list(self.choices)
        return out
