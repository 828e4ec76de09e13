"""`make bench-faults`, small: real servers and processes are killed while people click."""

import json
import subprocess
import sys

import pytest

from launch.state import ROOT

FEW = ["--consumer", "3", "--web", "2", "--redis", "2", "--postgres", "1", "--away", "2"]


@pytest.fixture(scope="module")
def found():
    command = [sys.executable, "-m", "bench.faults", *FEW]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("killed", ["consumer", "web", "redis", "postgres", "redis away"])
def test_no_answered_click_is_lost_or_counted_twice(found, killed):
    scene = found["scenes"][killed]
    assert scene["answered"] > 100
    assert (scene["lost"], scene["twice"]) == (0, 0)


def test_people_are_sent_on_whatever_was_killed(found):
    assert found["refused"] == 0


def test_what_is_tallied_is_what_was_clicked(found):
    assert found["raw_is_rollups"]
