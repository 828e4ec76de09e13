"""Signals that ask to stop."""

import signal

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping(BaseException):
    """The signal given asked us to stop. Not an Exception: nothing on the way may swallow it."""


class StopSignals:
    """Notes a signal to stop, for `check()` to raise Stopping where the caller can bear it.

    A handler that raised by itself could do so inside Popen.poll(), and leave its lock held.
    """

    def __init__(self):
        self.asked = None
        self.on_second = lambda: None

    def listen(self):
        for each in STOP:
            signal.signal(each, self._note)
        return self

    def check(self):
        if self.asked:
            raise Stopping(self.asked)

    def _note(self, signum, frame):
        if self.asked:
            self.on_second()
        self.asked = self.asked or signal.Signals(signum)
