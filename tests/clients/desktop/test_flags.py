from __future__ import annotations

from argparse import ArgumentTypeError

import pytest

from clients.desktop.errors import Misuse
from clients.desktop.flags import read, read_length, read_server


def test_an_address_has_a_scheme_and_no_slash_at_its_end() -> None:
    assert read_server("there:9000/") == "http://there:9000"
    assert read_server("https://there") == "https://there"
    for wrong in ("ftp://there", "http://"):
        with pytest.raises(Misuse, match="no address"):
            read_server(wrong)


def test_what_cannot_be_read_is_told_in_our_words() -> None:
    assert read_length("90s").duration_s == 90
    with pytest.raises(ArgumentTypeError, match='"soon" is no time'):
        read_length("soon")
    with pytest.raises(ArgumentTypeError, match="no address"):
        read(read_server)("ftp://there")
