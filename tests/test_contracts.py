"""The arrows between rooms: they hold, and each machine that keeps them sees a violation."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("server", "dsp", "clients")

# Every contract's name, a file that breaks it, and the import that does.
VIOLATIONS = [
    ("server: arrows point down", "server/kit/clock.py", "server.realtime.stream"),
    ("server: arrows point down", "server/realtime/stream.py", "server.listening.presets"),
    ("server: arrows point down", "server/accounts/service.py", "server.listening.service"),
    ("server: arrows point down", "server/accounts/service.py", "server.tokens.service"),
    ("server: arrows point down", "server/tokens/service.py", "server.listening.service"),
    ("dsp: arrows point down", "dsp/base/keyed.py", "dsp.measure"),
    ("dsp: arrows point down", "dsp/measure/__init__.py", "dsp.listen"),
    ("dsp knows neither the product nor time", "dsp/base/keyed.py", "time"),
    ("dsp knows neither the product nor time", "dsp/listen/program.py", "asyncio"),
    ("dsp knows neither the product nor time", "dsp/listen/program.py", "server.kit.clock"),
    ("clients know the wire and nothing else", "clients/__init__.py", "server.realtime.session"),
    ("the wire is pure", "server/realtime/wire/codes.py", "asyncio"),
    ("the wire is pure", "server/realtime/wire/codes.py", "server.kit.clock"),
    ("the session does no I/O", "server/realtime/session.py", "asyncio"),
    ("the gateway does not know what sounds", "server/realtime/stream.py", "dsp.listen"),
    ("only the kit speaks to Postgres and Redis", "server/listening/service.py", "asyncpg"),
    ("only the kit speaks to Postgres and Redis", "server/accounts/service.py", "redis"),
    ("only the kit speaks to Postgres and Redis", "server/tokens/store.py", "asyncpg"),
    ("the store of accounts belongs to accounts", "server/listening/service.py", "server.accounts.store"),
    ("the store of billing belongs to billing", "server/app.py", "server.billing.event_store"),
    (
        "the books of the local payment company belong to it",
        "server/billing/service.py",
        "server.providers.checkout.store",
    ),
    ("the store of listening belongs to listening", "server/app.py", "server.listening.store"),
    ("the store of tokens belongs to tokens", "server/listening/service.py", "server.tokens.hold_store"),
    ("server: arrows point down", "server/kit/clock.py", "server.providers.ports"),
    ("server: arrows point down", "server/providers/post.py", "server.realtime.stream"),
    ("only the kit speaks to Postgres and Redis", "server/providers/post.py", "pgqueuer"),
    ("the store of providers belongs to providers", "server/app.py", "server.providers.store"),
    ("a vendor's SDK is known to its own file", "server/providers/post.py", "aiosmtplib"),
    ("a vendor's SDK is known to its own file", "server/accounts/service.py", "httpx2"),
    ("a vendor's SDK is known to its own file", "server/billing/service.py", "stripe"),
    (
        "only the composition root chooses a vendor",
        "server/providers/post.py",
        "server.providers.vendor.smtp",
    ),
]
# What the sound engine may use: numpy, and the parts of the standard library that only compute.
PURE = {
    *("__future__", "bisect", "collections", "dataclasses", "enum", "functools", "itertools", "math"),
    *("operator", "re", "statistics", "struct", "sys", "types", "typing", "numpy", "dsp"),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and their contracts, to be spoiled."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("web", "__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(root: Path) -> str:
    """What import-linter says about a tree, on one line of single blanks."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    return " ".join(done.stdout.split())


def test_the_arrows_hold(copy: Path) -> None:
    said = _lint(copy)
    assert " 0 broken." in said, said


@pytest.mark.parametrize(("contract", "file", "forbidden"), VIOLATIONS)
def test_a_violation_is_seen(copy: Path, contract: str, file: str, forbidden: str) -> None:
    path = copy / file
    path.write_text(f"{path.read_text()}\nimport {forbidden}\n")
    assert f"{contract} BROKEN" in _lint(copy)


@pytest.mark.parametrize("package", ["server", "dsp"])
def test_a_room_that_no_contract_names_is_seen(copy: Path, package: str) -> None:
    (copy / package / "cellar").mkdir()
    (copy / package / "cellar" / "__init__.py").touch()
    assert f"{package}: arrows point down BROKEN" in _lint(copy)


def test_every_contract_is_violated_here() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract for contract, _, _ in VIOLATIONS} == {contract["name"] for contract in contracts}


def test_the_engine_uses_numpy_and_what_only_computes() -> None:
    used = {name for path in (ROOT / "dsp").rglob("*.py") for name in _imported(path)}
    assert used <= PURE


def _imported(path: Path) -> set[str]:
    """The first names of what a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
