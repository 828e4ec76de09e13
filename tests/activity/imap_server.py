"""Just enough of an IMAP server to be read by: one mailbox, in memory."""

import re
import socketserver
import threading
from contextlib import contextmanager


class Mailbox:
    def __init__(self, *mails):
        self.mails = dict(enumerate(mails, start=1))
        self.read, self.password = set(), "secret"


class _Session(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("* OK here")
        while line := self.rfile.readline().decode().strip():
            tag, _space, rest = line.partition(" ")
            words = rest.replace('"', "").split()
            said = getattr(self, f"on_{words[0].lower()}")(words[1:]) or "OK"
            self._say(f"{tag} {said} done")

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def on_capability(self, words):
        self._say("* CAPABILITY IMAP4rev1")

    def on_login(self, words):
        return "OK" if words[-1] == self.server.box.password else "NO"

    def on_select(self, words):
        self._say(f"* {len(self.server.box.mails)} EXISTS")
        return "OK" if words == ["INBOX"] else "NO"

    def on_uid(self, words):
        box, what = self.server.box, words[0].lower()
        if what == "search":
            unread = " ".join(str(n) for n in box.mails if n not in box.read)
            self._say(f"* SEARCH {unread}")
        elif what == "fetch":
            raw = box.mails[int(words[1])]
            self._say(f"* 1 FETCH (UID {words[1]} BODY[]<0> {{{len(raw)}}}")
            self.wfile.write(raw)
            self._say(")")
        elif re.search("Deleted", " ".join(words)):
            box.gone.add(int(words[1]))
        else:
            box.read.add(int(words[1]))

    def on_expunge(self, words):
        box = self.server.box
        box.mails = {n: raw for n, raw in box.mails.items() if n not in box.gone}

    def on_logout(self, words):
        self._say("* BYE")


@contextmanager
def imap_server(box):
    """Gives the port."""
    box.gone = set()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.box, server.daemon_threads = box, True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
