from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from server.kit import certificate
from server.kit.certificate import authority_path, ensure_certificate, local_names

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("localhost", "127.0.0.1", "::1")


async def _handshake(folder: Path, name: str) -> None:
    """Connect as a browser does that has imported the authority."""
    server_side = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_side.load_cert_chain(*certificate.certificate_paths(folder))
    client_side = ssl.create_default_context(cafile=str(authority_path(folder)))
    accept = lambda _, writer: writer.close()  # noqa: E731 - a handshake is all that is wanted
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=server_side)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client_side, server_hostname=name)
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("name", NAMES)
async def test_whoever_trusts_the_authority_trusts_the_server(tmp_path: Path, name: str) -> None:
    ensure_certificate(tmp_path / "tls", NAMES)
    await _handshake(tmp_path / "tls", name)


async def test_another_name_is_not_trusted(tmp_path: Path) -> None:
    ensure_certificate(tmp_path / "tls", NAMES)
    with pytest.raises(ssl.SSLCertVerificationError):
        await _handshake(tmp_path / "tls", "example.org")


def test_keys_are_for_the_owner_only(tmp_path: Path) -> None:
    ensure_certificate(tmp_path / "tls", NAMES)
    keys = sorted((tmp_path / "tls").glob("*.key"))
    assert [(key.name, key.stat().st_mode & 0o777) for key in keys] == [
        ("authority.key", 0o600),
        ("server.key", 0o600),
    ]


async def test_it_is_made_again_only_for_a_new_name_or_near_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "tls"

    def made(*names: str) -> bytes:
        return ensure_certificate(folder, names)[0].read_bytes()

    authority = (made(*NAMES), authority_path(folder).read_bytes())[1]
    monkeypatch.setattr(certificate, "_CERTIFICATE_DAYS", 29)
    near_its_end = made(*NAMES, "studio.lan")
    monkeypatch.undo()
    renewed = made(*NAMES, "studio.lan")
    assert renewed != near_its_end
    assert made(*NAMES) == renewed
    await _handshake(folder, "studio.lan")
    assert authority_path(folder).read_bytes() == authority


@pytest.mark.parametrize(
    ("host", "more"),
    [("127.0.0.1", ()), ("192.0.2.7", ("192.0.2.7",)), ("studio.lan", ("studio.lan",))],
)
def test_a_machine_is_known_by_its_loopback_names_and_the_given_one(host: str, more: tuple[str, ...]) -> None:
    assert local_names(host) == (*NAMES, *more)


def test_listening_everywhere_it_is_known_by_its_host_name_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "_PROBED", ("127.0.0.9", 9))
    assert local_names("0.0.0.0") == (*NAMES, socket.gethostname(), "127.0.0.1")


def test_without_a_network_only_the_host_name_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "_PROBED", ("::1", 9))
    assert local_names("::") == (*NAMES, socket.gethostname())
