"""What tests of tracked links need: a Redis database of one's own, and the edge as a server."""

import gc
import http.client
import os
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

import pytest
import uvicorn
from django.utils import timezone
from redis import Redis

from campaigns.tracking.edge import Edge
from config.settings import redis_url
from tests.activity.conftest import post_office  # noqa: F401 — what is shared is also told
from tests.factories import make_link

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"


def make_posted_link(**fields):
    """A link made long enough ago for others than its ambassador to have it."""
    return make_link(**{"created_at": timezone.now() - timedelta(days=90)} | fields)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: str


class EdgeServer:
    """The edge on a real server, in a thread: `get("/code")` asks it as a browser would."""

    def __init__(self, app=None):
        config = uvicorn.Config(
            app or Edge(), host="127.0.0.1", port=0, log_level="error", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self):
        self._thread.start()
        while not self._server.started:
            time.sleep(0.005)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join()
        # With the threads that are gone go their connections, or the database cannot be dropped.
        gc.collect()

    def get(self, path, method="GET", **headers):
        """Header names as keywords, `accept_language="fr"`; None leaves one out."""
        sent = {"user-agent": BROWSER}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request(method, path, headers={k: v for k, v in sent.items() if v is not None})
        answer = line.getresponse()
        body = answer.read().decode()
        line.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, body)


@pytest.fixture
def clicks(settings):
    """The Redis that clicks go through, empty, and apart from other workers' tests."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    settings.CLICKS_REDIS_URL = redis_url(8 + worker % 8)
    with Redis.from_url(settings.CLICKS_REDIS_URL, decode_responses=True) as redis:
        redis.flushdb()
        yield redis


@pytest.fixture
def edge(clicks, transactional_db):
    """For tests marked as transactional: the edge reads by connections of its own."""
    with EdgeServer() as server:
        yield server
