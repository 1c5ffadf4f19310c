"""A client that writes through HTTP and keeps a journal of what was acknowledged, to compare afterwards."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tests.bench.load.guests import program

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

PATIENCE_S: Final = 15.0
REST_S: Final = 0.05
MOST_OPEN: Final = 30


@dataclass
class Known:
    """What may stand in one row: the acknowledged state, and what was asked for without an answer."""

    titles: set[str]
    may_be_gone: bool = False
    must_be_gone: bool = False
    is_sure: bool = True


@dataclass
class Writer:
    """Keeps, renames and deletes presets of one guest, in a thread of its own, until it is stopped."""

    server: str
    path: Path
    """Of the journal: a line per acknowledgement, written before the next request."""
    seed: int
    token: str = ""
    acknowledged: int = 0
    unanswered: int = 0
    rows: dict[str, Known] = field(default_factory=dict)
    """By id of the preset."""
    attempts: set[str] = field(default_factory=set)
    """Titles whose creation was not answered: there may be one row of each, or none."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"writer-{self.seed}", daemon=True)
        self._count = 0
        self._doubts = 0

    def start(self) -> None:
        """Begin to write."""
        self.token = self._ask("POST", "/api/auth/guest", None)["token"]
        self._thread.start()

    def stop(self) -> None:
        """Write no more."""
        self._stop.set()
        self._thread.join()

    def complaints(self, found: Iterable[Mapping[str, Any]]) -> list[str]:
        """What of the journal the rows of this guest (id, title) do not bear out."""
        there = {str(row["id"]): str(row["title"]) for row in found}
        wrong = [f"nobody asked for {title}" for one, title in there.items() if one not in self.rows]
        extra = [there[one] for one in there if one not in self.rows]
        if len(extra) == len(set(extra)) and set(extra) <= self.attempts:
            wrong = []
        for one, known in self.rows.items():
            if one not in there:
                if not (known.may_be_gone or known.must_be_gone):
                    wrong.append(f"{sorted(known.titles)} was acknowledged and is lost")
            elif known.must_be_gone:
                wrong.append(f"{there[one]} was deleted and is there")
            elif there[one] not in known.titles:
                wrong.append(f"{there[one]} stands where {sorted(known.titles)} was acknowledged")
        return wrong

    def _run(self) -> None:
        with self.path.open("w") as journal:
            while not self._stop.is_set():
                line = self._write()
                if line is None:
                    self.unanswered += 1
                    self._doubts += 1
                    time.sleep(REST_S)
                else:
                    self.acknowledged += 1
                    journal.write(json.dumps(line) + "\n")
                    journal.flush()
                self._stop.wait(REST_S)

    def _write(self) -> list[str] | None:
        """One request; None where nobody answered it with 2xx."""
        if self._doubts >= MOST_OPEN:
            return self._clear()
        sure = [one for one, known in self.rows.items() if known.is_sure and not known.must_be_gone]
        if len(sure) >= MOST_OPEN or (sure and self._chance.random() < 0.3):
            return self._delete(self._chance.choice(sure))
        if sure and self._chance.random() < 0.4:
            return self._rename(self._chance.choice(sure))
        return self._create()

    def _create(self) -> list[str] | None:
        title = self._title()
        made = self._try("POST", "/api/presets", {"title": title, "minutes": 5, "program": program()})
        if made is None:
            self.attempts.add(title)
            return None
        self.rows[made["id"]] = Known({title})
        return ["created", made["id"], title]

    def _rename(self, one: str) -> list[str] | None:
        title, known = self._title(), self.rows[one]
        if self._try("PUT", f"/api/presets/{one}", {"title": title, "minutes": 6}) is None:
            known.titles.add(title)
            known.is_sure = False
            return None
        known.titles = {title}
        return ["renamed", one, title]

    def _delete(self, one: str) -> list[str] | None:
        known = self.rows[one]
        if self._try("DELETE", f"/api/presets/{one}", None) is None:
            known.may_be_gone, known.is_sure = True, False
            return None
        known.must_be_gone = True
        return ["deleted", one]

    def _clear(self) -> list[str] | None:
        """Delete, one by one, what nobody is sure of: it counts against what a guest may keep.

        Of an attempt one row may be there; what nobody asked for is left for the verdict.
        """
        there = self._try("GET", "/api/library", None)
        if there is None:
            return None
        for row in there["own"]:
            one, title = row["id"], row["title"]
            if one not in self.rows and title in self.attempts:
                self.attempts.remove(title)
                self.rows[one] = Known({title}, is_sure=False)
            if one in self.rows and not self.rows[one].is_sure:
                return self._delete(one)
        self._doubts = 0
        return ["cleared"]

    def _title(self) -> str:
        self._count += 1
        return f"{self.seed}-{self._count}"

    def _try(self, method: str, path: str, body: object) -> Any:
        """The data of an answer; None where the outcome is not known."""
        try:
            return self._ask(method, path, body)
        except (OSError, urllib.error.HTTPError, http.client.HTTPException, ValueError):
            return None

    def _ask(self, method: str, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.server + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.load(answer)["data"] or {}
