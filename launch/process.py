"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not import.
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# Reads lines of process groups, the last line counts. The pipe closes when the launcher is gone,
# however it went: then nothing it started may stay, and the folder given as $1 goes too.
GUARD = """
while read -r line; do groups=$line; done
for group in $groups; do kill -s INT -- "-$group"; done
tries=50
for group in $groups; do
    while kill -s 0 -- "-$group" && [ $tries -gt 0 ]; do tries=$((tries - 1)); sleep 0.1; done
    kill -s KILL -- "-$group"
done
[ -z "$1" ] || rm -rf -- "$1"
"""


def die_with_parent(farewell):
    """Have the kernel send FAREWELL to this process when the thread that forked it ends."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)


def spawn(command, *, log, farewell=signal.SIGTERM, **options):
    """Start COMMAND in a process group of its own and return its Popen.

    Output is appended to the open file LOG. On Linux the child gets the signal FAREWELL should
    this process die without a word, so call from the main thread, which lives as long as it does.
    """
    parent = os.getpid()

    def before_exec():
        die_with_parent(farewell)
        if os.getppid() != parent:
            os._exit(1)

    files = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
    own_group = {"start_new_session": True, "preexec_fn": before_exec}
    return subprocess.Popen(command, **files | own_group | options)


def ask_to_stop(child, how=signal.SIGTERM):
    """Send HOW to a child that still runs."""
    if child.poll() is None:
        child.send_signal(how)


def finish(child, seconds):
    """Wait SECONDS for a child that was asked to stop, then end it and its process group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    child.kill()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def wait_until(ready, *, seconds):
    """True as soon as READY() is, False after SECONDS."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class Guard:
    """A small shell that ends what the launcher started, should the launcher be killed.

    The kernel's parent-death signal covers most of it; this covers a child that takes its time,
    grandchildren, a folder to remove, and systems without that signal.
    """

    def __init__(self, remove=None):
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", str(remove or "")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            text=True,
        )

    def watch(self, children):
        """Say which Popen objects to end; replaces what was said before."""
        groups = " ".join(str(child.pid) for child in children if child.returncode is None)
        with contextlib.suppress(BrokenPipeError, ValueError):
            self._shell.stdin.write(groups + "\n")
            self._shell.stdin.flush()

    def close(self):
        """Let the guard do its last work and go."""
        with contextlib.suppress(BrokenPipeError):
            self._shell.stdin.close()
        self._shell.wait()
