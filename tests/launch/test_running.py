import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import psycopg
import pytest
import redis

from launch.supervisor import trim
from tests.launch.conftest import PORT, descendants, is_alive, wait_for


def page(url):
    return urllib.request.urlopen(url, timeout=5).status


def test_it_says_where_it_runs_and_who_may_log_in(running):
    url = said(running, "ready: ")
    assert page(url) == 200
    assert said(running, "  admin  ") == "a@orvaly.example"


def said(run, start):
    """The rest of the line that begins with START."""
    return next(line for line in run.said if line.startswith(start)).removeprefix(start).strip()


def test_everything_works_below_a_path_with_spaces(running):
    assert " " in str(running.var)
    assert both_answer(running.environ())


def both_answer(urls):
    try:
        psycopg.connect(urls["DATABASE_URL"]).close()
        return redis.Redis.from_url(urls["REDIS_URL"]).ping()
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def test_servers_listen_on_no_port(running):
    with psycopg.connect(running.environ()["DATABASE_URL"]) as database:
        assert database.execute("SHOW listen_addresses").fetchone() == ("",)
    valkey = redis.Redis.from_url(running.environ()["REDIS_URL"])
    assert valkey.config_get("port")["port"] == "0"


def test_nobody_else_may_enter_the_folder(running):
    assert running.var.stat().st_mode & 0o777 == 0o700
    assert (running.var / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_crash_of_the_machine_may_not_lose_what_was_written(running):
    with psycopg.connect(running.environ()["DATABASE_URL"]) as database:
        assert database.execute("SHOW fsync").fetchone() == ("on",)
    kept = redis.Redis.from_url(running.environ()["REDIS_URL"]).config_get("*")
    assert kept["appendonly"] == "yes"
    assert kept["appendfsync"] == "always"
    assert kept["maxmemory-policy"] == "noeviction"


def test_a_second_run_names_the_first_and_leaves(launched, running):
    second = launched(var=running.var)
    assert second.until("already runs").endswith(said(running, "ready: "))
    assert second.process.wait(10) == 0


def test_a_command_beside_a_run_uses_the_servers_of_the_run(launched, running):
    beside = launched("--", "printenv", "DATABASE_URL", var=running.var)
    assert beside.until("postgres://") == running.environ()["DATABASE_URL"]


def test_a_taken_port_is_left_alone_and_the_next_one_named(launched):
    with socket.create_server(("127.0.0.1", PORT)):
        run = launched()
        assert run.until("taken") == f"port {PORT} is taken: using {PORT + 1}"
        assert run.until("ready:") == f"ready: http://127.0.0.1:{PORT + 1}"


def test_a_port_that_is_none_is_refused_in_words(launched):
    run = launched(PORT="eighty")
    run.until("PORT must be a number from 1 to 65000, not 'eighty'")
    assert run.process.wait(10) == 1


def test_a_log_is_cut_before_it_fills_the_disk(tmp_path):
    log = tmp_path / "web.log"
    with open(log, "ab", buffering=0) as writer:
        writer.write(b"old\n" * 100)
        trim(log, limit=300)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"old\n" * 100


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_within_seconds(launched, how):
    run = launched()
    run.until("admin")
    started = descendants(run.process.pid)
    code, seconds = run.end(how)
    assert code == 0
    assert seconds < 8
    assert not [pid for pid in started if is_alive(pid)]


def test_a_killed_launcher_leaves_no_process_behind(launched):
    run = launched()
    run.until("admin")
    started = descendants(run.process.pid)
    assert len(started) > 6
    run.end(signal.SIGKILL)
    wait_for(lambda: not [pid for pid in started if is_alive(pid)], seconds=10)


def test_it_goes_on_when_nobody_reads_what_it_says(launched):
    run = launched()
    run.until("admin")
    run.process.stdout.close()
    os.kill(run.pid_of("HTTPServer"), signal.SIGKILL)
    wait_for(lambda: not answers(PORT))
    wait_for(lambda: answers(PORT))


def test_the_servers_go_even_if_the_guard_was_killed_first(launched):
    run = launched()
    run.until("admin")
    started = [run.pid_of("postgres\0-D"), run.pid_of("valkey-server")]
    stubborn = run.pid_of("worker at work")
    os.kill(run.pid_of("guard"), signal.SIGKILL)
    run.end(signal.SIGKILL)
    os.killpg(stubborn, signal.SIGKILL)
    wait_for(lambda: not [pid for pid in started if is_alive(pid)], seconds=10)


def test_the_run_after_a_kill_starts_at_once_and_finds_data_and_key(launched):
    first = launched()
    first.until("admin")
    key = first.environ()["SECRET_KEY"]
    assert len(key) >= 50
    with psycopg.connect(first.environ()["DATABASE_URL"]) as database:
        database.execute("CREATE TABLE kept (id int)")
    redis.Redis.from_url(first.environ()["REDIS_URL"]).set("kept", "yes")
    first.end(signal.SIGKILL)
    second = launched()
    second.until("admin")
    with psycopg.connect(second.environ()["DATABASE_URL"]) as database:
        assert database.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert redis.Redis.from_url(second.environ()["REDIS_URL"]).get("kept") == b"yes"
    assert second.environ()["SECRET_KEY"] == key


def test_a_part_that_dies_is_started_again(launched):
    run = launched()
    run.until("admin")
    os.kill(run.pid_of("HTTPServer"), signal.SIGKILL)
    assert "web stopped (SIGKILL); starting it again now" in run.until("web stopped")
    wait_for(lambda: answers(PORT))


def test_what_a_dead_part_had_started_goes_with_it(launched):
    run = launched()
    run.until("admin")
    worker = run.pid_of("worker at work")
    (child,) = wait_for(lambda: descendants(worker))
    os.kill(worker, signal.SIGKILL)
    run.until("worker stopped (SIGKILL)")
    wait_for(lambda: not is_alive(child))


def answers(port):
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_a_server_that_dies_is_started_again(launched, server):
    run = launched()
    run.until("admin")
    os.kill(run.pid_of(f"{server}\0-D" if server == "postgres" else server), signal.SIGKILL)
    run.until(f"{server} stopped (SIGKILL)")
    wait_for(lambda: both_answer(run.environ()))


def test_a_part_that_cannot_start_is_tried_less_and_less(launched):
    run = launched("fails")
    for when in ("now", "now", "now"):
        assert f"starting it again {when}" in run.until("fails stopped (exit code 1)")
    assert "ZeroDivisionError" in (run.var / "log" / "fails.log").read_text()


def test_a_command_gets_servers_and_its_exit_code_comes_back(launched):
    look = "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)"
    command = launched("--", "python3", "-c", look)
    assert "host=" in command.until("postgres://")
    assert command.process.wait(10) == 7


def test_a_command_told_to_stop_takes_its_servers_along(launched):
    command = launched("--", "sh", "-c", "echo begun; exec sleep 60")
    command.until("begun")
    started = descendants(command.process.pid)
    code, seconds = command.end()
    assert code == 128 + signal.SIGTERM
    assert seconds < 8
    assert not [pid for pid in started if is_alive(pid)]


def test_a_run_waits_for_no_command_but_says_who_is_at_work(launched):
    command = launched("--", "sh", "-c", "echo begun; exec sleep 5")
    command.until("begun")
    run = launched()
    assert "is at work on the same database" in run.until("at work")
    assert run.process.wait(10) == 1


ORDINARY = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "sh",
    "-c",
    'exec "$@"',
    "-",
]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
def test_an_ordinary_user_can_run_it(launched, open_folder):
    if subprocess.run([*ORDINARY, sys.executable, "-c", ""], capture_output=True).returncode:
        pytest.skip("this Python is in a folder of root's")
    run = launched(var=open_folder / "var", prefix=ORDINARY)
    run.until("ready:")


@pytest.fixture
def open_folder():
    """A folder that belongs to nobody, below folders everyone may enter."""
    with tempfile.TemporaryDirectory() as outer:
        os.chmod(outer, 0o711)
        folder = Path(outer, "home")
        folder.mkdir()
        os.chown(folder, 65534, 65534)
        yield folder
