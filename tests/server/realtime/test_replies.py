from __future__ import annotations

from server.realtime.replies import KEPT, PENDING, Replies


def test_a_request_is_begun_once_and_answered_again() -> None:
    replies = Replies()
    assert replies.begin(5) == "new"
    assert replies.begin(5) == PENDING
    replies.finish(5, b"answer")
    assert replies.begin(5) == b"answer"


def test_an_older_id_is_not_begun() -> None:
    replies = Replies()
    replies.begin(5)
    assert replies.begin(4) == "forgotten"


def test_the_last_results_are_kept() -> None:
    replies = Replies()
    for request in range(1, KEPT + 2):
        replies.begin(request)
        replies.finish(request, b"x")
    assert replies.begin(1) == "forgotten"
    assert replies.begin(2) == b"x"


def test_what_the_client_has_is_forgotten_but_not_what_is_under_way() -> None:
    replies = Replies()
    for request in (1, 2, 3):
        replies.begin(request)
    replies.finish(1, b"x")
    replies.finish(3, b"x")
    replies.forget_until(2)
    assert replies.begin(1) == "forgotten"
    assert replies.begin(2) == PENDING
    assert replies.begin(3) == b"x"


def test_a_result_that_came_too_late_is_not_kept() -> None:
    replies = Replies()
    replies.begin(1)
    for request in range(2, KEPT + 2):
        replies.begin(request)
    replies.finish(1, b"late")
    assert replies.begin(1) == "forgotten"


def test_results_move_to_another_process() -> None:
    replies, other = Replies(), Replies()
    for request in (1, 2):
        replies.begin(request)
    replies.finish(1, b"x")
    other.load(replies.dump(), replies.highest)
    assert other.begin(1) == b"x"
    assert other.begin(2) == "forgotten"
    assert other.begin(3) == "new"
