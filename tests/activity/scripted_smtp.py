"""An SMTP server of a few lines that says at each step what it was told to, or nothing any more."""

import socketserver
import threading
import time

from tests.activity.post_office import DIE

USUAL = {
    "RSET": "250 OK",
    "NOOP": "250 OK",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 Go on",
}
USUAL |= {".": "250 Taken", "AUTH": "235 Welcome", "STARTTLS": "220 Go on", "QUIT": "221 Bye"}


class Scripted:
    """A context. answers: {"RCPT": "550 No"}; a list is used up, its last one stays; DIE hangs up;
    ("wait", seconds) waits first. `heard` are its words, `said` the lines, `mails` what was taken.
    """

    def __init__(self, answers):
        self.pipelining = answers.pop("pipelining", False)
        self.after_mail = answers.pop("after_mail", None)
        self.answers, self.heard, self.said = answers, [], []
        self.mails, self.connections = [], 0

    def __enter__(self):
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
        self._server.daemon_threads, self._server.script = True, self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *failure):
        self._server.shutdown()
        self._server.server_close()

    def answer(self, word):
        told = self.answers.get(word, USUAL.get(word, "500 What?"))
        if isinstance(told, list):
            told = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(told, tuple):
            time.sleep(told[1])
            told = USUAL[word]
        return told


def scripted(answers):
    return Scripted(answers)


class _Hangs(Exception):
    pass


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self.script = self.server.script
        self.script.connections += 1
        self._say("220 here")
        try:
            while line := self.rfile.readline().decode().strip():
                self._hear(line)
        except (_Hangs, OSError):
            return

    def _hear(self, line):
        word = line[:8].upper() if line.upper().startswith("STARTTLS") else line[:4].upper()
        self.script.heard.append(word)
        self.script.said.append(line.replace("mail FROM", "MAIL FROM"))
        if word == "EHLO" and "EHLO" not in self.script.answers:
            return self._greet()
        answer = self.script.answer(word)
        self._say(answer)
        if word == "DATA" and answer.startswith("354"):
            self._take()

    def _greet(self):
        offers = ["PIPELINING"] * self.script.pipelining + ["AUTH PLAIN"]
        offers += ["STARTTLS"] * bool(self.script.answers.get("STARTTLS"))
        for offer in ["here", *offers]:
            self._say(f"250-{offer}")
        self._say("250 8BITMIME")

    def _take(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.script.mails.append(b"".join(lines))
        self._say(self.script.answer("."))
        if self.script.after_mail == DIE:
            raise _Hangs

    def _say(self, text):
        if text == DIE:
            raise _Hangs
        self.wfile.write(text.encode() + b"\r\n")
