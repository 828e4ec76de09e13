"""A throw-away PostgreSQL and Valkey for one test run.

As a pytest plugin, which is how the suite uses it (pyproject.toml):

    [tool.pytest.ini_options]
    addopts = "-p launch.testing"

pytest-django reads the settings before any conftest.py is imported, so a conftest is too late to
say where the database is; a plugin is not. It starts the servers once, in the first process, and
puts DATABASE_URL and REDIS_URL into the environment, which xdist's workers inherit. Where they
are set already (a real server, or `python -m launch exec`), nothing is started.
Run pytest as `python -m pytest`, so that this package is found.

Anywhere else:

    services = start_test_services()    # os.environ now has both URLs
    ...
    services.stop()

Nothing is left when the process is killed, neither a server nor the folder.
"""

import atexit
import os
import tempfile
from pathlib import Path

import pytest

from launch import services
from launch.process import Guard


class TestServices:
    """The servers of one test run. `urls` maps the variables that were set to their URLs."""

    __test__ = False

    def __init__(self, *, durable=False):
        self._durable = durable
        # /tmp and not $TMPDIR: a socket's path must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="pv-test-", dir="/tmp"))
        self.urls = {}
        self._guard = Guard(remove=self.folder)
        self._running = []

    def start(self):
        for variable, service in services.embedded(self.folder, durable=self._durable).items():
            child = services.start(service, self.folder / f"{service.name}.log")
            self._running.append((service, child))
            self._guard.watch([child for _, child in self._running])
            self.urls[variable] = service.url
        os.environ.update(self.urls)
        # Tests and measures run at any hour. Those that are about the hour say which.
        os.environ.setdefault("QUIET_HOURS", "")

    def stop(self):
        """Stop the servers, remove their folder, take their URLs out of the environment. Twice
        is once."""
        services.stop(self._running)
        self._running.clear()
        self._guard.watch([])
        self._guard.close()
        for variable in self.urls:
            os.environ.pop(variable, None)


def start_test_services(*, durable=False):
    """Start what DATABASE_URL and REDIS_URL do not already name, and name it there.

    Durable ones sync their writes as in earnest: slower, for measures. Takes about half a second,
    and nothing where both are set. Call from the main thread. What it gives has `stop()`, which
    also comes by itself when the process ends. Raises ServiceError when a server cannot be found
    or started.
    """
    started = TestServices(durable=durable)
    atexit.register(started.stop)
    started.start()
    return started


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Before pytest-django reads the settings; a wrapper comes before every plain hook."""
    started = start_test_services()
    early_config.add_cleanup(started.stop)
    return (yield)
