"""Whoever fills a port has its whole shape; mypy compares the types where they are handed over."""

from __future__ import annotations

import inspect

import pytest

from server.providers import ports
from server.providers.local import FolderMailer
from server.providers.newsletter import LocalNewsletter
from server.providers.vendor.mailgun import MailgunMailer
from server.providers.vendor.smtp import SmtpMailer
from tests.server.providers.conftest import Postman


@pytest.mark.req("S2-11")
@pytest.mark.parametrize(
    ("port", "provider"),
    [
        (ports.Mailer, FolderMailer),
        (ports.Mailer, SmtpMailer),
        (ports.Mailer, MailgunMailer),
        (ports.Mailer, Postman),
        (ports.Newsletter, LocalNewsletter),
    ],
)
def test_a_provider_has_what_its_port_says(port: type, provider: type) -> None:
    wanted = {name: member for name, member in vars(port).items() if inspect.iscoroutinefunction(member)}
    assert wanted
    for name, member in wanted.items():
        offered = getattr(provider, name)
        assert inspect.iscoroutinefunction(offered)
        assert list(inspect.signature(offered).parameters) == list(inspect.signature(member).parameters)
