from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server.kit import children
from server.kit.postgres import ClusterError, Postgres
from server.kit.service_user import service_user
from tests.serving import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.kit.embedded import Embedded


@pytest.fixture(scope="module")
def postgres(services: Embedded, folder_for_services: Path) -> Postgres:
    """A prepared cluster beside the one that all tests share."""
    user = service_user()
    sockets = Path(tempfile.mkdtemp(dir=folder_for_services))
    if user:
        user.own(sockets)
    folder = folder_for_services / "cluster"
    cluster = Postgres(folder, sockets, services.postgres.packages, folder_for_services / "cluster.log", user)
    cluster.prepare()
    return cluster


@contextmanager
def _started(postgres: Postgres) -> Iterator[subprocess.Popen[bytes]]:
    process = postgres.start()
    try:
        wait_until(lambda: postgres.is_ready() or process.poll() is not None)
        assert process.poll() is None, postgres.log.read_text()
        yield process
    finally:
        children.end([(postgres.program, process)])


def test_it_records_its_major_version_and_refuses_another(postgres: Postgres) -> None:
    record = postgres.folder / "PG_VERSION"
    assert record.read_text() == "18\n"
    record.write_text("17\n")
    try:
        with pytest.raises(ClusterError, match=r"made by Postgres 17, and this is Postgres 18: back up"):
            postgres.prepare()
    finally:
        record.write_text("18\n")


def test_half_a_cluster_is_made_anew(postgres: Postgres, folder_for_services: Path) -> None:
    fresh = replace(postgres, folder=folder_for_services / "interrupted")
    half = folder_for_services / "interrupted.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    fresh.prepare()
    with _started(fresh):
        assert not half.exists()


def test_what_hinders_initdb_is_in_the_log_that_is_named(
    postgres: Postgres, folder_for_services: Path
) -> None:
    hopeless = replace(postgres, folder=folder_for_services / "none" / "here", user=None)
    with pytest.raises(ClusterError, match=r"could not be made in .*cluster\.log says why"):
        hopeless.prepare()


@pytest.mark.parametrize("stranger", ["gone", "living", "zombie"])
def test_a_stale_lock_does_not_hinder_it(postgres: Postgres, stranger: str) -> None:
    with subprocess.Popen(["sleep", "600" if stranger == "living" else "0"]) as other:
        if stranger == "gone":
            other.wait()
        elif stranger == "zombie":
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        (postgres.folder / "postmaster.pid").write_text(f"{other.pid}\n{postgres.folder}\n")
        (postgres.sockets / ".s.PGSQL.5432.lock").write_text(f"{other.pid}\n")
        with _started(postgres):
            assert stranger != "living" or other.poll() is None
        other.kill()


def test_it_recovers_from_kill(postgres: Postgres) -> None:
    with _started(postgres) as process:
        process.kill()
        process.wait()
        with _started(postgres):
            assert postgres.is_ready()


def test_a_server_that_outlived_its_parent_is_ended_first(postgres: Postgres) -> None:
    with _started(postgres) as orphan, _started(postgres) as successor:
        assert orphan.wait(60) == 0
        assert successor.poll() is None


def test_it_stops_without_waiting_for_clients(postgres: Postgres) -> None:
    with _started(postgres) as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert not postgres.is_ready()
