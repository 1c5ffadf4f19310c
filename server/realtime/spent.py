"""Processor time of this process by what it went to: threads by their clocks, inbound messages apart."""

import resource
import threading
import time
from collections import defaultdict

from server.realtime import metrics


class Spent:
    """Reads the clocks of the threads that say what they do; inbound and sending are parts of the loop's.

    Sending is what the kernel does for the loop's thread: nearly all of it is copying packets into sockets.
    """

    def __init__(self) -> None:
        self.inbound_s = 0.0
        """Reading, parsing and answering messages; whoever reads them adds to it."""
        self._clocks: dict[str, int] = {}
        self._told_s: defaultdict[str, float] = defaultdict(float)

    def watch(self, work: str) -> None:
        """The calling thread does this from now on, and nothing else."""
        clock = time.pthread_getcpuclockid(threading.get_ident())
        self._told_s[work] = time.clock_gettime(clock)
        self._clocks[work] = clock

    def tell(self) -> None:
        """Bring the counters up to date; called in the loop's thread."""
        spent_s = {"inbound": self.inbound_s, "send": resource.getrusage(resource.RUSAGE_THREAD).ru_stime}
        for work, clock in list(self._clocks.items()):
            try:
                spent_s[work] = time.clock_gettime(clock)
            except OSError:  # the thread has ended
                del self._clocks[work]
        if "loop" in spent_s:
            spent_s["loop"] -= self.inbound_s + spent_s["send"]
        for work, seconds in spent_s.items():
            metrics.CPU_SECONDS.labels(work).inc(max(0.0, seconds - self._told_s[work]))
            self._told_s[work] = seconds


SPENT = Spent()
"""One per process, like the metrics that it feeds."""
