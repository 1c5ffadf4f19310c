"""The shape of the code: small files, small functions, a mirror test for every source, nothing undone."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ("server", "dsp", "clients", "scripts", "tests")
MIRRORED = ("server", "dsp", "clients")
LONGEST_FILE = 500
LONGEST_FUNCTION = 60
UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP)\b")  # spelled here only, so this file is left out below


def _files(*suffixes: str, rooms: tuple[str, ...] = SOURCES) -> list[Path]:
    """The project's own files, relative to its root."""
    found = (path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*")))
    return [path for path in found if path.suffix in suffixes and "__pycache__" not in path.parts]


@pytest.mark.parametrize("suffix", [".py", ".js", ".css", ".sql", ".html"])
def test_no_file_is_long(suffix: str) -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in _files(suffix)}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_python_function_is_long() -> None:
    long: dict[str, int] = {}
    for path in _files(".py"):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno
                long[f"{path}:{node.lineno} {node.name}"] = node.end_lineno - node.lineno + 1
    assert long
    assert {name: length for name, length in long.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.req("S2-45")
def test_every_source_is_read_by_the_oldest_python_that_is_promised() -> None:
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    oldest = tuple(int(part) for part in promised.removeprefix(">=").split("."))
    for path in _files(".py"):
        ast.parse((ROOT / path).read_text(), str(path), feature_version=oldest)  # type: ignore[arg-type]  # two numbers


def test_no_javascript_function_is_long() -> None:
    files = [str(path) for path in _files(".js")]
    done = subprocess.run(
        ["node", "tests/function_lengths.cjs", *files], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lengths: dict[str, int] = json.loads(done.stdout)
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


@pytest.mark.req("S0-08")
def test_every_source_file_has_its_mirror_test() -> None:
    missing = [
        f"{path} → {mirror}"
        for path in _files(".py", rooms=MIRRORED)
        if _says_something(path) and not (ROOT / (mirror := _mirror(path))).exists()
    ]
    assert missing == []


def test_nothing_is_left_undone() -> None:
    marks = [
        f"{path}: {line.strip()}"
        for path in _files(".py", ".js", ".css", ".html", ".sql", ".sh", "")
        if path.name != Path(__file__).name and (ROOT / path).is_file()
        for line in (ROOT / path).read_text().splitlines()
        if UNDONE.search(line)
    ]
    assert marks == []


def test_every_opt_out_of_the_linters_has_a_reason() -> None:
    bare = re.compile(r"# (noqa|type: ignore)(: ?[A-Z0-9, ]+|\[[\w, -]+\])?\s*$")
    found = [
        f"{path}:{number}"
        for path in _files(".py")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), start=1)
        if bare.search(line)
    ]
    assert found == []


def _mirror(path: Path) -> Path:
    """`server/kit/db.py` → `tests/server/kit/test_db.py`."""
    return Path("tests") / path.parent / f"test_{path.stem.strip('_')}.py"


def _says_something(path: Path) -> bool:
    """Whether a file has code of its own; a package's list of public names has none."""
    return any(
        not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)
        for node in ast.parse((ROOT / path).read_text()).body
    )
