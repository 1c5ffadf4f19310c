"""What a field of a message may hold: a check of one decoded value, and its JSON schema."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Check(Protocol):
    """Accepts a decoded value or raises ValueError with what was wanted."""

    def __call__(self, value: object) -> object: ...

    def schema(self) -> dict[str, object]: ...


@dataclass(frozen=True, slots=True)
class Int:
    """A whole number from `lo` to `hi`; a float or a boolean is refused."""

    lo: int
    hi: int

    def __call__(self, value: object) -> int:
        if type(value) is not int or not self.lo <= value <= self.hi:
            raise ValueError(f"a whole number from {self.lo} to {self.hi}")
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "integer", "minimum": self.lo, "maximum": self.hi}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number from `lo` to `hi`, whole or not."""

    lo: float
    hi: float

    def __call__(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.lo <= value <= self.hi:
            raise ValueError(f"a number from {self.lo:g} to {self.hi:g}")
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "number", "minimum": self.lo, "maximum": self.hi}


@dataclass(frozen=True, slots=True)
class Text:
    """A string of at most `longest` characters."""

    longest: int

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise ValueError(f"a text of at most {self.longest} characters")
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "string", "maxLength": self.longest}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the named values."""

    names: tuple[str, ...]

    def __call__(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise ValueError("one of " + ", ".join(self.names))
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "string", "enum": list(self.names)}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def __call__(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError("true or false")  # noqa: TRY004 - one kind of refusal for every field
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Anything:
    """A map whose meaning another room checks (program, instance, entry)."""

    def __call__(self, value: object) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise ValueError("a map")  # noqa: TRY004 - one kind of refusal for every field
        return value

    def schema(self) -> dict[str, object]:
        return {"type": "object"}


@dataclass(frozen=True, slots=True)
class Patch:
    """Parameter address → number or name, at most `most` of them."""

    most: int

    def __call__(self, value: object) -> Mapping[str, float | str]:
        if not isinstance(value, dict) or not 0 < len(value) <= self.most:
            raise ValueError(f"a map of 1 to {self.most} parameters")
        for address, setting in value.items():
            if isinstance(setting, bool) or not isinstance(setting, int | float | str):
                raise ValueError(f"a number or a name for {address[:80]}")  # noqa: TRY004 - see above
        return value

    def schema(self) -> dict[str, object]:
        either = [{"type": "number"}, {"type": "string"}]
        return {"type": "object", "maxProperties": self.most, "additionalProperties": {"anyOf": either}}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at most `most` values that each pass `item`."""

    item: Check
    most: int

    def __call__(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list) or len(value) > self.most:
            raise ValueError(f"a list of at most {self.most}")
        return tuple(self.item(one) for one in value)

    def schema(self) -> dict[str, object]:
        return {"type": "array", "items": self.item.schema(), "maxItems": self.most}


@dataclass(frozen=True, slots=True)
class Row:
    """A list with one check per place, such as `[pos, gain]`."""

    places: tuple[Check, ...]

    def __call__(self, value: object) -> tuple[object, ...]:
        if not isinstance(value, list) or len(value) != len(self.places):
            raise ValueError(f"a list of {len(self.places)} values")
        return tuple(check(one) for check, one in zip(self.places, value, strict=True))

    def schema(self) -> dict[str, object]:
        count = len(self.places)
        places = [check.schema() for check in self.places]
        return {"type": "array", "prefixItems": places, "minItems": count, "maxItems": count}


@dataclass(frozen=True, slots=True)
class Record:
    """A map with known keys; unknown ones are dropped, those in `optional` may be missing."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise ValueError("a map")  # noqa: TRY004 - one kind of refusal for every field
        missing = self.required.keys() - value.keys()
        if missing:
            raise ValueError("a map with " + ", ".join(sorted(missing)))
        known = {**self.required, **self.optional}
        return {name: known[name](one) for name, one in value.items() if name in known}

    def schema(self) -> dict[str, object]:
        known = {name: check.schema() for name, check in {**self.required, **self.optional}.items()}
        return {"type": "object", "properties": known, "required": sorted(self.required)}


@dataclass(frozen=True, slots=True)
class Nullable:
    """Null, or what `item` accepts."""

    item: Check

    def __call__(self, value: object) -> object:
        return None if value is None else self.item(value)

    def schema(self) -> dict[str, object]:
        return {"anyOf": [self.item.schema(), {"type": "null"}]}


def refuse_foreign(value: object, depth: int, keys: int) -> None:
    """Raise ValueError on nesting over `depth`, a map over `keys`, NaN, infinity, a foreign type."""
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("finite numbers only")
        return
    if depth == 0:
        raise ValueError("less nesting")
    if isinstance(value, list):
        for one in value:
            refuse_foreign(one, depth - 1, keys)
    elif isinstance(value, dict):
        if len(value) > keys:
            raise ValueError(f"at most {keys} keys in a map")
        for one in value.values():
            refuse_foreign(one, depth - 1, keys)
    else:
        raise ValueError("only maps, lists, numbers, texts, booleans and null")  # noqa: TRY004 - see above
