from __future__ import annotations

from server.realtime.bucket import Bucket


def test_a_bucket_gives_what_it_holds_and_refills() -> None:
    bucket = Bucket(10, 2, now=0.0)
    assert bucket.take(10, 0.0)
    assert not bucket.take(1, 0.0)
    assert bucket.wait_s(1, 0.0) == 0.5
    assert bucket.take(1, 0.5)


def test_a_bucket_never_holds_more_than_its_size() -> None:
    bucket = Bucket(10, 2, now=0.0)
    assert bucket.level(1000.0) == 10
    assert bucket.wait_s(5, 1000.0) == 0
