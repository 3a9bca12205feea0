"""What the stand-in's control API keeps and shows of the document that creates an endpoint."""

from typing import Any

from tests.local.stand_in import StandIn, create_body


def test_an_image_of_ones_own_is_shown_as_it_was_sent(stand_in: StandIn) -> None:
    """With command and arguments, its health route at the top, and without its password."""
    image = {"url": "box:python3.13", "port": 8000, "healthRoute": "/ready"}
    login = {"username": "alice", "password": "secret"}
    sent: dict[str, Any] = {
        "command": ["sh", "/repository/start.sh"],
        "args": ["-v"],
        "env": {"A": "b"},
    }

    stand_in.create(image={"custom": {**image, "credentials": login}}, **sent)
    by_default = stand_in.create("m2", image={"custom": {"url": "box", "health_route": "/x"}})

    shown = stand_in.shown()
    hidden = {"username": "***", "password": "***"}
    assert {"custom": {**image, "credentials": hidden}} == shown["model"]["image"]
    assert sent.items() <= shown["model"].items()
    assert "/ready" == shown["healthRoute"]
    assert {"custom": {"url": "box", "port": 80}} == by_default["model"]["image"]
    assert by_default["healthRoute"] is None


def test_settings_that_nothing_here_follows_are_shown(stand_in: StandIn) -> None:
    """The network's, the router's; unknown ones are dropped."""
    settings: dict[str, Any] = {
        "route": {"domain": "models.alice.io", "path": "/iris"},
        "privateService": {"accountId": "123456789012", "region": "us-east-1"},
        "customRouter": {"tag": "1", "env": {}, "port": 3000},
        "cacheHttpResponses": True,
    }

    shown = stand_in.http.post(
        "/v2/endpoint/alice", json=create_body() | settings | {"unknown": 1}
    ).json()

    assert settings.items() <= shown.items()
    assert "unknown" not in shown


def test_the_service_may_keep_other_things_than_asked_for(stand_in: StandIn) -> None:
    """A start plan's `echo` is what is shown, and what runs."""
    echo = {"type": "private", "model": {"command": None, "env": {"A": None, "B": "c"}}}
    stand_in.http.post("/_standin/starts", json={"echo": echo})

    shown = stand_in.running(command=["sh"], env={"A": "b"})

    assert "private" == shown["type"]
    assert "command" not in shown["model"]
    assert {"B": "c"} == shown["model"]["env"]
    assert stand_in.launcher.containers[0].document.model.command is None
