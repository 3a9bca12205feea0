"""End-to-end tests that run beside the others are called, and fail as any other."""

import pytest

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest
from tests.e2e.support import concurrent_tests

@pytest.fixture(scope="session")
def number():
    return 1

@pytest.fixture(scope="session", autouse=True)
def started(request):
    with concurrent_tests.running(request.session.items, request.getfixturevalue):
        yield

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    return concurrent_tests.has_run(pyfuncitem) or None

def pytest_configure(config):
    config.addinivalue_line("markers", "concurrent")
"""
TESTS = """
from threading import Event
import pytest

met = Event()

@pytest.mark.concurrent
def test_that_needs_the_next_one():
    assert met.wait(timeout=60)

@pytest.mark.concurrent
def test_that_fails(number):
    met.set()
    assert number == 2

def test_that_is_not_concurrent(number):
    assert number == 3
"""


def test_each_has_its_own_outcome(pytester: pytest.Pytester) -> None:
    """Two run at the same time; one of them fails, and so does one that is called as usual."""
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(TESTS)

    done = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    done.assert_outcomes(passed=1, failed=2)
    done.stdout.fnmatch_lines(["*assert 1 == 2*", "*assert 1 == 3*"])
