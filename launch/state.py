"""What is kept in the folder `var`: who uses it, the secret key, where the running product is."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Where everything that is kept lives; config/settings.py reads the same variable.
VAR = Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


class Busy(Exception):
    """Another process holds the folder."""


class NotOurs(Exception):
    """The folder belongs to somebody else; the message says what to do."""


class State:
    """The folder VAR, which one launcher at a time may run servers in."""

    def __init__(self, var=VAR):
        self.var = var
        self.log = var / "log"
        self._live = var / "live.json"
        self._held = []
        try:
            var.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.log.mkdir(mode=0o700, exist_ok=True)
            self._open("owner.lock").close()
        except PermissionError:
            raise NotOurs(
                f"{var} belongs to another user: run this as that user, or remove it"
            ) from None

    def own(self, what):
        """Hold the folder until this process ends, on behalf of WHAT, or raise Busy."""
        lock = self._open("owner.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        self._held.append(lock)
        self.announce(what)

    def announce(self, what, url=None, environ=None):
        """Tell others what runs here, where, and the environment a command beside it needs."""
        draft = self._live.with_suffix(".new")
        draft.write_text(json.dumps({"what": what, "url": url, "environ": environ}))
        draft.replace(self._live)

    def withdraw(self):
        self._live.unlink(missing_ok=True)

    def borrow(self, seconds):
        """What the owner announced: {"what", "url", "environ"}, or None if there is no owner.

        Waits up to SECONDS for the environment. The owner then knows that somebody borrows.
        """
        users = self._open("users.lock")
        fcntl.flock(users, fcntl.LOCK_SH)
        self._held.append(users)
        deadline = time.monotonic() + seconds
        live = None
        while self.owned():
            with contextlib.suppress(FileNotFoundError):
                live = json.loads(self._live.read_text())
            if (live and live["environ"]) or time.monotonic() > deadline:
                return live
            time.sleep(0.1)
        return None

    def owned(self):
        """Is another process holding the folder?"""
        with self._open("owner.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    def await_borrowers(self, on_wait):
        """Return when nobody borrows any more; ON_WAIT() is called once if that takes time."""
        users = self._open("users.lock")
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(users, fcntl.LOCK_EX)

    def secret_key(self):
        """The key that signs sessions and links on this machine, made once."""
        path = self.var / "secret-key"
        with contextlib.suppress(FileExistsError):
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(file, "w") as new:
                new.write(secrets.token_urlsafe(50))
        return path.read_text()

    def _open(self, name):
        return open(os.open(self.var / name, os.O_RDWR | os.O_CREAT, 0o600), "w")
