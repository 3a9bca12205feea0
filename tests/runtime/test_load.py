"""Several predictions at once, bounded waiting, and health meanwhile."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx

from tests.runtime.server_process import ServerProcess

AT_ONCE = 4
WAITING = 8
"""On two virtual CPUs."""
LONGEST_WAIT_S = 5


def overlap(spans: list[list[float]]) -> int:
    """Return how many of *spans* [begin, end] there were at once, at most."""
    return max(sum(begin <= at < end for begin, end in spans) for at, _end in spans)


def test_predictions_are_made_at_once(server: ServerProcess) -> None:
    """Two for each virtual CPU, and no more; those that wait are answered too."""
    with ThreadPoolExecutor(AT_ONCE + WAITING) as threads:
        answers = list(threads.map(lambda _: server.direct("sleep", 0.5), range(12)))

    assert 12 * [200] == [answer.status_code for answer in answers]
    assert AT_ONCE == overlap([answer.json()["predictions"][0] for answer in answers])


def timed(server: ServerProcess) -> tuple[float, httpx.Response]:
    """Return when the answer came, and the answer."""
    answer = server.direct("sleep", 2)
    return time.monotonic(), answer


def test_the_surplus_is_refused_at_once(server: ServerProcess) -> None:
    """Before any prediction ends; the refusal says when to come again."""
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: timed(server), range(20)))

    predicted = [at for at, answer in answers if answer.status_code == 200]
    refused = [(at, answer) for at, answer in answers if answer.status_code == 503]
    assert (AT_ONCE + WAITING, 20 - AT_ONCE - WAITING) == (len(predicted), len(refused))
    assert max(at for at, _ in refused) < min(predicted)
    for _, answer in refused:
        assert "overloaded" == answer.json()["error"]["type"]
        assert "1" == answer.headers["retry-after"]


def test_nobody_waits_for_ever(server: ServerProcess) -> None:
    """Some of a caller's time is left for another attempt."""
    with ThreadPoolExecutor(AT_ONCE + 1) as threads:
        began = time.monotonic()
        busy = [threads.submit(server.direct, "sleep", LONGEST_WAIT_S + 3) for _ in range(AT_ONCE)]
        time.sleep(0.5)
        answer = threads.submit(server.direct, "sleep", 0).result()
        waited_s = time.monotonic() - began

        assert (503, "overloaded") == (answer.status_code, answer.json()["error"]["type"])
        assert LONGEST_WAIT_S <= waited_s < LONGEST_WAIT_S + 2.5
        assert AT_ONCE * [200] == [each.result().status_code for each in busy]


def test_health_is_answered_meanwhile(server: ServerProcess) -> None:
    """Also with every place taken and a surplus that asks again and again."""
    latencies_s: list[float] = []
    with ThreadPoolExecutor(20) as threads:
        work: list[Future[Any]] = [threads.submit(server.direct, "sleep", 0.5) for _ in range(60)]
        while not all(each.done() for each in work):
            began = time.monotonic()
            assert 200 == server.http.get("/health").status_code
            latencies_s.append(time.monotonic() - began)
            time.sleep(0.02)

    assert len(latencies_s) > 10
    # The bench measures; here other tests may share the machine.
    assert sorted(latencies_s)[len(latencies_s) // 2] < 0.25


def test_idle_connections_do_not_crowd_out_health(server: ServerProcess) -> None:
    """A proxy keeps many open."""
    clients = [httpx.Client(trust_env=False) for _ in range(150)]
    try:
        for client in clients:
            url = f"http://127.0.0.1:{server.port}/health"
            assert 200 == client.get(url, timeout=20).status_code
    finally:
        for client in clients:
            client.close()
