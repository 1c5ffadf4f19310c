"""Which requirement is shown by which test: `@pytest.mark.req("S0-48")` beside docs/requirements.md."""

from __future__ import annotations

import argparse
import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| (S\d-\d+) \| (.+?) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Showing:
    """One test that shows requirements."""

    ids: tuple[str, ...]
    name: str
    checks: tuple[str, ...]
    """What it asserts, as written."""


def requirements(root: Path = ROOT) -> dict[str, str]:
    """Id → sentence, of everything that is promised so far."""
    return dict(ROW.findall((root / "docs" / "requirements.md").read_text()))


def showings(root: Path = ROOT) -> list[Showing]:
    """Every marked test below `tests`."""
    found = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text()
        tree = ast.parse(text)
        everywhere = _ids(node.value for node in tree.body if isinstance(node, ast.Assign) and _is_mark(node))
        for test in ast.walk(tree):
            if isinstance(test, ast.FunctionDef | ast.AsyncFunctionDef) and test.name.startswith("test_"):
                ids = everywhere + _ids(test.decorator_list)
                if ids:
                    name = f"{path.relative_to(root)}::{test.name}"
                    found.append(Showing(ids, name, tuple(_checks(text, test))))
    return found


def _is_mark(node: ast.Assign) -> bool:
    return ast.unparse(node.targets[0]) == "pytestmark"


def _ids(expressions: Iterable[ast.expr]) -> tuple[str, ...]:
    """The ids in every `pytest.mark.req(…)` of the expressions."""
    calls = (
        node for expression in expressions for node in ast.walk(expression) if isinstance(node, ast.Call)
    )
    return tuple(
        argument.value
        for call in calls
        if ast.unparse(call.func) == "pytest.mark.req"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )


def _checks(text: str, test: ast.AST) -> Iterator[str]:
    for node in ast.walk(test):
        expects = isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.raises"
        if isinstance(node, ast.Assert) or expects:
            yield " ".join((ast.get_source_segment(text, node) or "").split())


def overview(promised: Mapping[str, str], shown: Sequence[Showing]) -> str:
    """Each promised id with the number of its tests; then what nobody shows and what nobody promised."""
    counts = {one: sum(one in showing.ids for showing in shown) for one in promised}
    lines = [f"{one:8} {count:3}  {promised[one]}" for one, count in counts.items() if count]
    missing = [f"{one:8}      {promised[one]}" for one, count in counts.items() if not count]
    strange = sorted({one for showing in shown for one in showing.ids} - promised.keys())
    lines += ["", f"{len(promised) - len(missing)} of {len(promised)} are shown by a test."]
    lines += ["", "Without a test:", *missing] if missing else []
    lines += ["", f"Marked, but not in docs/requirements.md: {', '.join(strange)}"] if strange else []
    return "\n".join(lines)


def detail(one: str, promised: Mapping[str, str], shown: Sequence[Showing]) -> str:
    """The sentence of one id beside its tests and what they assert."""
    lines = [f"{one}  {promised.get(one, 'is not in docs/requirements.md.')}"]
    for showing in shown:
        if one in showing.ids:
            lines += ["", showing.name, *(f"    {check}" for check in showing.checks)]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Print the overview or one requirement; the status says whether something is missing."""
    parser = argparse.ArgumentParser(
        prog="scripts/requirements", description="Which test shows which requirement."
    )
    parser.add_argument(
        "--show", metavar="ID", help="print one requirement beside its tests and their asserts"
    )
    options = parser.parse_args(arguments)
    promised, shown = requirements(root), showings(root)
    sys.stdout.write(
        f"{detail(options.show, promised, shown) if options.show else overview(promised, shown)}\n"
    )
    ids = {one for showing in shown for one in showing.ids}
    return 0 if ({options.show} if options.show else promised.keys()) <= ids else 1


if __name__ == "__main__":
    sys.exit(main())
