import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from launch import services
from launch.process import Guard
from tests.launch.conftest import is_alive, plain_environ, wait_for


@pytest.fixture
def start(tmp_path):
    """Starts one kind of server on a folder, test settings: `start(Postgres)`."""
    running, guard = [], Guard()

    def start_one(kind, home=tmp_path):
        service = kind(home, durable=False)
        running.append((service, services.start(service, tmp_path / "log")))
        guard.watch([child for _, child in running])
        return running[-1]

    yield start_one
    services.stop(running)
    guard.close()


def made_here(url):
    """Make a table where there is none; True if it was made now."""
    with psycopg.connect(url) as database:
        found = database.execute("SELECT to_regclass('kept')").fetchone()[0]
        database.execute("CREATE TABLE IF NOT EXISTS kept (id int)")
        return found is None


def test_servers_named_by_the_environment_are_used_and_none_is_started(tmp_path):
    both = {"DATABASE_URL": "postgres://db", "REDIS_URL": "redis://cache"}
    assert services.embedded(tmp_path, durable=True, environ=both) == {}
    one = services.embedded(tmp_path, durable=True, environ={"REDIS_URL": "redis://cache"})
    assert list(one) == ["DATABASE_URL"]


def test_the_database_speaks_unicode(start):
    service, _ = start(services.Postgres)
    with psycopg.connect(service.url) as database:
        assert database.execute("SELECT lower('ÉLODIE'), 'Å' ~ '\\w'").fetchone() == (
            "élodie",
            True,
        )


def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(start, tmp_path):
    home = tmp_path / ("long" * 25)
    home.mkdir()
    service, _ = start(services.Postgres, home)
    assert len(str(service.sockets)) < 80
    assert service.sockets.stat().st_mode & 0o777 == 0o700
    assert made_here(service.url)
    valkey, _ = start(services.Valkey, home)
    assert redis.Redis.from_url(valkey.url).ping()


def test_a_socket_folder_somebody_else_prepared_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = tmp_path / ("long" * 25)
    planted = services.socket_folder(home)
    planted.chmod(0o777)
    with pytest.raises(services.ServiceError, match="not ours alone"):
        services.socket_folder(home)


def test_a_server_left_by_a_killed_launcher_is_stopped_and_its_data_kept(start, tmp_path):
    first, child = start(services.Postgres)
    assert made_here(first.url)
    second, _ = start(services.Postgres)
    assert not is_alive(child.pid)
    assert not made_here(second.url)


def test_a_stale_lock_with_somebody_elses_pid_is_not_believed(start):
    service, child = start(services.Postgres)
    lock = service.data / "postmaster.pid"
    stale = lock.read_text().replace(str(child.pid), str(os.getppid()), 1)
    services.stop([(service, child)])
    lock.write_text(stale)
    again, _ = start(services.Postgres)
    assert made_here(again.url)
    assert is_alive(os.getppid())


def test_a_cluster_made_half_way_is_made_anew(start, tmp_path):
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    service, _ = start(services.Postgres)
    assert made_here(service.url)


def test_data_of_another_version_is_left_alone_with_a_word_on_what_to_do(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(services.ServiceError, match="made by PostgreSQL 12"):
        services.Postgres(tmp_path, durable=False).prepare()


def test_a_server_that_cannot_start_shows_its_last_words(start, tmp_path):
    service, child = start(services.Postgres)
    services.stop([(service, child)])
    (service.data / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(services.ServiceError, match="no_such_setting"):
        start(services.Postgres)


def test_without_the_wheels_the_systems_own_servers_are_used(start, monkeypatch, tmp_path):
    if not Path("/usr/lib/postgresql").is_dir() or not services.shutil.which("redis-server"):
        pytest.skip("apt-get install postgresql redis-server")
    monkeypatch.setattr(services, "PACKAGES", tmp_path / "nothing here")
    postgres, _ = start(services.Postgres)
    assert postgres.programs.is_relative_to("/usr/lib/postgresql")
    assert made_here(postgres.url)
    valkey, _ = start(services.Valkey)
    assert redis.Redis.from_url(valkey.url).ping()


def test_without_any_server_it_says_what_to_set_or_install(monkeypatch, tmp_path):
    monkeypatch.setattr(services, "PACKAGES", tmp_path)
    monkeypatch.setattr(services.glob, "glob", lambda pattern: [])
    monkeypatch.setattr(services.shutil, "which", lambda program: None)
    with pytest.raises(services.ServiceError, match="set DATABASE_URL, or install"):
        services.postgres_programs()
    with pytest.raises(services.ServiceError, match="set REDIS_URL, or install"):
        services.valkey_program()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
@pytest.mark.parametrize("mode", [0o711, 0o700])
def test_root_without_user_namespaces_runs_it_as_nobody(start, monkeypatch, mode):
    monkeypatch.setattr(services, "_namespaces_allowed", lambda: False)
    with tempfile.TemporaryDirectory() as outer:
        os.chmod(outer, mode)
        home = Path(outer, "var")
        home.mkdir()
        service, child = start(services.Postgres, home)
        assert Path(f"/proc/{child.pid}").stat().st_uid == services.NOBODY
        assert made_here(service.url)
        services.stop([(service, child)])
        again, _ = start(services.Postgres, home)
        assert not made_here(again.url)
        services.stop([(again, _)])
        if mode == 0o700:
            assert Path(outer).stat().st_mode & 0o777 == 0o700
            services.shutil.rmtree(again.home)


KILLED = """
import os, signal, sys
from launch.testing import start_test_services
print(start_test_services().folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_test_run_leaves_no_server_and_no_folder():
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=plain_environ(), capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL
    folder = Path(done.stdout.strip())
    wait_for(lambda: not folder.exists(), seconds=10)
