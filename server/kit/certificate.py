"""A local authority and a certificate signed by it, for browsers on other machines (`--tls`)."""

from __future__ import annotations

import ipaddress
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WILDCARDS: Final = ("0.0.0.0", "::")  # noqa: S104 - for comparison, nothing is bound here
_AUTHORITY_DAYS: Final = 3650
# Apple's systems refuse certificates that are valid for more than 825 days.
_CERTIFICATE_DAYS: Final = 397
_RENEW_DAYS: Final = 30
# An address for documentation: it belongs to nobody, and the way to it leads outside.
_PROBED: Final = ("192.0.2.1", 9)


def ensure_certificate(folder: Path, names: Sequence[str]) -> tuple[Path, Path]:
    """Paths of a certificate for `names` and of its key, renewed near its end or when a name is missing."""
    folder.mkdir(mode=0o700, exist_ok=True)
    paths = certificate_paths(folder)
    if not _serves(paths[0], names):
        authority, authority_key = _authority(folder)
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        certificate = (
            _draft(names[0], authority.subject, key.public_key(), _CERTIFICATE_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(alternatives, critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(authority_key, hashes.SHA256())
        )
        _write(paths, certificate, key)
    return paths


def certificate_paths(folder: Path) -> tuple[Path, Path]:
    """Where the certificate and its key are."""
    return folder / "server.pem", folder / "server.key"


def authority_path(folder: Path) -> Path:
    """The certificate that people import into their browser, once."""
    return folder / "authority.pem"


def local_names(host: str) -> tuple[str, ...]:
    """The names and addresses by which this machine is reached when it listens on `host`."""
    names = ["localhost", "127.0.0.1", "::1"]
    if host in WILDCARDS:
        names += [socket.gethostname(), *_outward_address()]
    elif host not in names:
        names.append(host)
    return tuple(names)


def _outward_address() -> list[str]:
    """The address of the interface that leads outside; finding it sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_PROBED)
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def _serves(path: Path, names: Sequence[str]) -> bool:
    if not path.exists():
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    has = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return left > timedelta(days=_RENEW_DAYS) and all(_general_name(name) in has for name in names)


def _authority(folder: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """The folder's own authority, made once."""
    paths = authority_path(folder), folder / "authority.key"
    if paths[0].exists():
        key = serialization.load_pem_private_key(paths[1].read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return x509.load_pem_x509_certificate(paths[0].read_bytes()), key
    key = ec.generate_private_key(ec.SECP256R1())
    name = f"Soundwell on {socket.gethostname()}"
    certificate = (
        _draft(name, _named(name), key.public_key(), _AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS_CERTIFICATES, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(paths, certificate, key)
    return certificate, key


_SIGNS_CERTIFICATES: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _draft(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    # An hour back, because the clock of the browser's machine may be behind ours.
    begin = datetime.now(UTC) - timedelta(hours=1)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(paths: tuple[Path, Path], certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    """Key first: whoever finds the certificate finds its key too."""
    pem = serialization.Encoding.PEM
    paths[1].touch(mode=0o600)
    paths[1].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    paths[0].write_bytes(certificate.public_bytes(pem))
