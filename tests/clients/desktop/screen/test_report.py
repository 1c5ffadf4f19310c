from __future__ import annotations

import io
import json

from clients.desktop.screen.report import JsonReport, PlainReport, QuietReport, Report


def told(report: Report, out: io.StringIO) -> list[str]:
    report.news("volume", {"volume": 75})
    report.news("changed", {"at": 100})
    report.summary("Done.", {"reason": "completed"})
    return out.getvalue().splitlines()


def test_plain_is_a_line_per_change_that_concerns_a_person() -> None:
    out = io.StringIO()
    assert told(PlainReport(out), out) == ["Volume 75 %.", "Done."]


def test_json_is_an_object_per_line_with_everything() -> None:
    out = io.StringIO()
    assert [json.loads(line) for line in told(JsonReport(out), out)] == [
        {"event": "volume", "volume": 75},
        {"event": "changed", "at": 100},
        {"event": "summary", "reason": "completed"},
    ]


def test_quiet_is_nothing() -> None:
    assert told(QuietReport(), io.StringIO()) == []
