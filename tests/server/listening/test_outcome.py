from __future__ import annotations

import pytest

from server.listening.outcome import is_success


@pytest.mark.req("S0-32")
@pytest.mark.parametrize(
    ("planned_s", "heard_s", "reason", "success"),
    [
        (1500, 1500, "completed", True),
        (1500, 1500, "lost", True),
        (1500, 1500.02, "superseded", True),
        (1500, 1200, "stopped", True),
        (1500, 1200, "left", True),
        (1500, 1200, "completed", True),
        (1500, 1199.9, "stopped", False),
        (1500, 1499.9, "lost", False),
        (1500, 1300, "limit_reached", False),
        (1500, 1300, "refused", False),
        (1500, 0, "stopped", False),
    ],
)
def test_success_is_the_planned_length_or_most_of_it_by_choice(
    planned_s: float, heard_s: float, reason: str, *, success: bool
) -> None:
    assert is_success(planned_s=planned_s, heard_s=heard_s, reason=reason) is success
