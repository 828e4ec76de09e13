"""Keeps a set of processes running, and stops them in order."""

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

from launch.process import Guard, ask_to_stop, finish, spawn
from launch.signals import StopSignals

LOG_LIMIT = 5 * 2**20
LONGEST_WAIT = 30.0
# A process that ran this long was well; its next death is not one more in a row.
WELL_AFTER = 60.0
SLOW = 3.0


@dataclass
class Kept:
    """A program (a Part or a service) and the process that runs it now, if one does."""

    program: object
    child: subprocess.Popen | None = None
    since: float = 0.0
    wait: float = 0.0
    due: float = 0.0
    told: bool = False


class Supervisor:
    """Runs programs with `name`, `start(log)`, `ready(child)` and `stop_signal`.

    Their output goes to LOGS/name.log. SAY is called with one line when something happens. From
    the first moment a signal to stop is noted, and a second one ends the processes at once.
    """

    def __init__(self, logs, say):
        self.logs, self.say = logs, say
        self.kept = []
        self.guard = Guard()
        self.signals = StopSignals().listen()
        self.signals.on_second = self._hurry

    def _hurry(self):
        for child in self._children():
            ask_to_stop(child, signal.SIGKILL)

    # --- Starting ---------------------------------------------------------------------------
    def adopt(self, program, child):
        """Keep a program that somebody else has started as CHILD."""
        self.kept.append(Kept(program, child, since=time.monotonic()))
        self.guard.watch(self._children())

    def start(self, *programs):
        for program in programs:
            self.kept.append(Kept(program))
            self._launch(self.kept[-1])

    def _launch(self, kept):
        with open(self.log_of(kept.program), "ab") as log:
            kept.child = kept.program.start(log)
        kept.since = time.monotonic()
        self.guard.watch(self._children())

    def log_of(self, program):
        return self.logs / f"{program.name}.log"

    def run(self, name, command, *, if_slow="", **options):
        """Run COMMAND to its end while minding the rest; gives None, or what a failure said last.

        Output goes to LOGS/name.log. IF_SLOW is said once it takes long. OPTIONS are Popen's.
        """
        errand = Kept(_Errand(name), since=time.monotonic())
        with open(self.log_of(errand.program), "ab") as log:
            errand.child = spawn(command, log=log, **options)
        self.kept.append(errand)
        while errand.child.poll() is None:
            self.mind(errand)
            if if_slow and time.monotonic() - errand.since > SLOW:
                self.say(if_slow)
                if_slow = ""
            time.sleep(0.05)
        self.kept.remove(errand)
        finish(errand.child, 0)
        return self._last_lines(errand, 12) if errand.child.returncode else None

    # --- Watching ---------------------------------------------------------------------------
    def wait_until_ready(self, seconds=60):
        """Return once every program is ready. What takes longer than SECONDS is named once."""
        late = time.monotonic() + seconds
        waiting = list(self.kept)
        while waiting:
            self.mind()
            waiting = [kept for kept in waiting if not self._is_ready(kept)]
            if waiting and time.monotonic() > late:
                late = float("inf")
                for kept in waiting:
                    self.say(f"still waiting for {kept.program.name}: {self._last_lines(kept, 1)}")
            time.sleep(0.05)

    def _is_ready(self, kept):
        return kept.child is not None and kept.program.ready(kept.child)

    def _last_lines(self, kept, count):
        text = self.log_of(kept.program).read_text(errors="replace")
        return "\n".join(text.splitlines()[-count:])

    def watch(self):
        """Start again what dies, until a signal comes."""
        while True:
            self.mind()
            for kept in self.kept:
                trim(self.log_of(kept.program))
            time.sleep(0.25)

    def mind(self, errand=None):
        """One look at every process: clean up after the dead, start again what is due. Raises
        Stopping if a signal has come."""
        self.signals.check()
        now = time.monotonic()
        for kept in self.kept:
            if kept is errand:
                continue
            if kept.child is None:
                if now >= kept.due:
                    self._launch(kept)
            elif kept.child.poll() is not None:
                self._bury(kept, now)

    def _bury(self, kept, now):
        """Clean up after a dead process, its children too, and say when it comes back."""
        how, name = _how(kept.child.returncode), kept.program.name
        finish(kept.child, 0)
        kept.child = None
        self.guard.watch(self._children())
        well = now - kept.since > WELL_AFTER
        kept.wait = 0.2 if well or not kept.wait else min(kept.wait * 2, LONGEST_WAIT)
        kept.due = now + kept.wait
        when = "now" if kept.wait < 1 else f"in {kept.wait:.0f} s"
        self.say(
            f"{name} stopped ({how}); starting it again {when}, see {self.log_of(kept.program)}"
        )

    def _children(self):
        return [kept.child for kept in self.kept if kept.child is not None]

    # --- Stopping ---------------------------------------------------------------------------
    def stop(self):
        """Stop everything: wave after wave, and each wave side by side."""
        for wave in sorted({kept.program.wave for kept in self.kept}):
            leaving = [kept for kept in self.kept if kept.program.wave == wave and kept.child]
            for kept in leaving:
                ask_to_stop(kept.child, kept.program.stop_signal)
            for kept in leaving:
                finish(kept.child, kept.program.patience)
        self.guard.close()


@dataclass
class _Errand:
    """What `run` runs: not started again, and stopped first."""

    name: str
    stop_signal = signal.SIGTERM
    wave = 0
    patience = 5


def _how(code):
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def trim(log, limit=LOG_LIMIT):
    """Keep a log below LIMIT bytes and the part before it as .1; its writer appends on."""
    if not log.exists() or log.stat().st_size < limit:
        return
    shutil.copyfile(log, log.with_suffix(".log.1"))
    with open(log, "r+b") as file:
        file.truncate(0)
