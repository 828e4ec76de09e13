"""Clicks may have a Redis of their own: its address is read like the others."""

import os
import subprocess
import sys

import pytest


def clicks_go_to(**given):
    code = "from django.conf import settings; print(settings.CLICKS_REDIS_URL)"
    environ = os.environ | {"REDIS_URL": "redis://tasks.example:6379/0"} | given
    return subprocess.check_output([sys.executable, "-c", code], env=environ, text=True).strip()


@pytest.mark.parametrize("unset", [{}, {"CLICKS_REDIS_URL": ""}])
def test_without_one_clicks_share_the_server_of_the_tasks(unset):
    assert clicks_go_to(**unset) == "redis://tasks.example:6379/2"


def test_clicks_may_have_a_server_of_their_own():
    url = "redis://clicks.example:6379/0"
    assert clicks_go_to(CLICKS_REDIS_URL=url) == url
