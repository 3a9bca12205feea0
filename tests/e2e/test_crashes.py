"""Functions that are killed at every task of the workflow, and executions that are stopped."""

import pytest

from tests.e2e.candidates import BODY, DOUBLED
from tests.e2e.stories import STORIES, Crashes, Story, Telling, killed_once_at_every_task

pytestmark = pytest.mark.begun_early("stories")


@pytest.mark.parametrize("story", STORIES, ids=[story.__name__ for story in STORIES])
def test_a_crash_is_brought_home(stories: Telling, story: Story) -> None:
    """In the end the requested version serves, right, from the model's only endpoint."""
    scene, told = stories
    name = told[story].name

    version = told[story].end.result()

    serving = scene.client.wait_until_serving(name, version)
    scene.wait_for_endpoints(name, 1)
    assert scene.client.endpoints_of(serving) == scene.endpoints(name)
    assert DOUBLED == scene.client.predict(name, BODY).json()["predictions"]


def test_every_task_has_crashed(stories: Telling, crashes: Crashes) -> None:
    """Once its work was done, with the answer lost: the worst time."""
    stories[1][killed_once_at_every_task].end.result()

    assert set() == {(task, "after") for task in crashes.tasks} - crashes.so_far
