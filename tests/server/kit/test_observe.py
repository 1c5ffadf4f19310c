from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from server.kit.observe import configure_logging
from server.kit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.testclient import TestClient


@pytest.fixture
def untouched_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def requests_of(client: TestClient, route: str) -> dict[tuple[str, str], float]:
    """Requests counted by method and status."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (sample.labels["method"], sample.labels["status"]): sample.value
        for family in families
        for sample in family.samples
        if sample.name == "soundwell_http_request_seconds_count" and sample.labels["route"] == route
    }


@pytest.mark.req("S4-36")
def test_requests_are_counted_by_declared_route_method_and_status(client: TestClient) -> None:
    before = requests_of(client, "/api/notes/{id:uuid}").get(("GET", "200"), 0)
    for _ in range(3):
        client.get(f"/api/notes/{uuid4()}")

    assert requests_of(client, "/api/notes/{id:uuid}")["GET", "200"] == before + 3


def test_strange_addresses_and_methods_make_no_new_labels(client: TestClient) -> None:
    for number in range(3):
        client.request("BREW", f"/pot/{number}")

    assert requests_of(client, "/pot/0") == {}
    assert requests_of(client, "other")["OTHER", "404"] >= 3


def test_a_fault_is_counted(client: TestClient) -> None:
    client.get("/api/broken")
    assert 'soundwell_faults_total{route="/api/broken"}' in client.get("/metrics").text


@pytest.mark.usefixtures("untouched_logging")
def test_a_request_is_one_line_with_its_id_and_without_its_query(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="json"))
    answer = client.get("/api/notes?stars=4", headers={"Authorization": f"Bearer user:{uuid4()}"})
    for quiet in ("/healthz", "/docs/start.js"):
        assert client.get(quiet).status_code == 200
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [line] = [line for line in lines if line.get("event") == "request"]

    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/api/notes", 200, "info")
    assert line["address"] == "127.0.0.1"
    assert line["principal_id"]
    assert line["duration_ms"] >= 0


@pytest.mark.usefixtures("untouched_logging")
def test_a_fault_is_logged_in_full_under_the_id_that_the_caller_got(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(log_format="json"))
    answer = client.get("/api/broken")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [line] = [line for line in lines if line.get("event") == "fault"]

    assert line["request_id"] == answer.json()["request_id"]
    assert "the secret reason" in json.dumps(line["exception"])


@pytest.mark.usefixtures("untouched_logging")
def test_other_libraries_log_in_the_same_form_and_quieter_lines_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(Settings(log_format="console", log_level="warning"))
    logging.getLogger("uvicorn.error").warning("a %s", "warning")
    logging.getLogger("uvicorn.error").info("a detail")
    told = capsys.readouterr().err

    assert "a warning" in told
    assert "uvicorn.error" in told
    assert "a detail" not in told


def test_processes_that_share_a_folder_report_as_one(tmp_path: Path) -> None:
    count = "from server.kit import observe; observe.FAULTS.labels('/x').inc(2);"
    tell = "print(bytes(observe.metrics_response().body).decode())"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for program in (count, count + tell):
        ended = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
        )

    assert 'soundwell_faults_total{route="/x"} 4.0' in ended.stdout


def test_a_gauge_of_a_killed_process_is_forgotten(tmp_path: Path) -> None:
    program = (
        "import os; from prometheus_client import Gauge; from server.kit import observe;"
        'g = Gauge("soundwell_test", "x", registry=observe.REGISTRY, multiprocess_mode="livesum"); g.set(1);'
    )
    tell = "print(observe.metrics_response().body.decode())"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    killed = subprocess.run(
        [sys.executable, "-c", program + "os.kill(os.getpid(), 9)"], env=environment, check=False
    )
    assert killed.returncode == -9
    assert list(tmp_path.glob("gauge_livesum_*.db"))
    living = subprocess.run(
        [sys.executable, "-c", program + tell], env=environment, capture_output=True, text=True, check=True
    )
    assert "soundwell_test 1.0" in living.stdout
