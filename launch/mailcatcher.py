"""A mail server that delivers to nobody: it keeps each mail in a folder and shows it.

    python -m launch.mailcatcher FOLDER --smtp PORT --http PORT

For trying and testing, on 127.0.0.1 only. The inbox: `/` (`?to=` narrows it), `/messages.json`
(`?to=` too), and for each mail `/ID`, `/ID/html`, `/ID/text` and `/ID/raw`.
A mail's HTML is a stranger's: it is shown in a sandboxed frame that runs no script.
"""

import argparse
import email
import email.policy
import itertools
import json
import re
import secrets
import signal
import sys
import threading
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from aiosmtpd.controller import Controller

HOST = "127.0.0.1"
KEPT = 5000
PER_PAGE = 50
LARGEST = 30 * 2**20
STYLE = Path(__file__).with_name("mailcatcher.css").read_bytes()

OURS = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
# Mails style themselves inline and show pictures of the product, which runs on this machine.
THEIRS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http://127.0.0.1:*; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)

WORDS = {
    "en": {
        "title": "Inbox",
        "about": "Every mail the product sends ends here. None leaves this machine.",
        "to": "To",
        "from": "From",
        "filter": "Show",
        "all": "All mails",
        "empty": "No mail yet.",
        "none": "No mail to this address.",
        "count": "Mails: {}",
        "newer": "Newer",
        "older": "Older",
        "back": "Inbox",
        "html": "As HTML",
        "text": "As plain text",
        "raw": "Raw",
        "none_html": "This mail has no HTML part.",
        "none_text": "This mail has no plain text part.",
        "headers": "Headers",
    },
    "fr": {
        "title": "Boîte de réception",
        "about": "Chaque courriel envoyé par le produit arrive ici. Aucun ne quitte cette machine.",
        "to": "À",
        "from": "De",
        "filter": "Afficher",
        "all": "Tous les courriels",
        "empty": "Aucun courriel pour l’instant.",
        "none": "Aucun courriel à cette adresse.",
        "count": "Courriels : {}",
        "newer": "Plus récents",
        "older": "Plus anciens",
        "back": "Boîte de réception",
        "html": "En HTML",
        "text": "En texte",
        "raw": "Brut",
        "none_html": "Ce courriel n’a pas de partie HTML.",
        "none_text": "Ce courriel n’a pas de partie en texte.",
        "headers": "En-têtes",
    },
}


# --- Keeping ---------------------------------------------------------------------------------
class Mail:
    """One mail in a file. The envelope is kept as two headers on top of what was sent."""

    def __init__(self, path):
        self.id, self.path = path.stem, path
        with open(path, "rb") as file:
            head = email.message_from_bytes(_head(file), policy=email.policy.default)
        self.sender = str(head["X-Envelope-From"] or "")
        self.recipients = str(head["X-Envelope-To"] or "").split(", ")
        self.subject, self.author = str(head["Subject"] or ""), str(head["From"] or "")
        self.received = datetime.strptime(self.id[:20], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)

    def is_to(self, address):
        return not address or address.lower() in (each.lower() for each in self.recipients)

    def message(self):
        return email.message_from_bytes(self.path.read_bytes(), policy=email.policy.default)

    def body(self, kind):
        """The text of the part of KIND ("plain" or "html"), None without one."""
        part = self.message().get_body([kind])
        return part.get_content().replace("\r\n", "\n") if part else None

    def as_json(self):
        return {
            "id": self.id,
            "received": self.received.isoformat(),
            "sender": self.sender,
            "from": self.author,
            "to": self.recipients,
            "subject": self.subject,
        }


def _head(file):
    """The lines of FILE up to the first empty one."""
    return b"".join(itertools.takewhile(bytes.strip, file))


class Mailbox:
    """The mails in FOLDER, newest first; beyond KEPT the oldest go."""

    def __init__(self, folder):
        self.folder = folder
        self._turn = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.mails = [Mail(path) for path in sorted(folder.glob("*.eml"), reverse=True)]

    def keep(self, envelope):
        """Write one mail; returns once it is on the list."""
        heading = f"X-Envelope-From: {envelope.mail_from}\r\n"
        heading += f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        with self._turn:
            now = datetime.now(UTC)
            path = self.folder / f"{now:%Y%m%d%H%M%S%f}-{secrets.token_hex(4)}.eml"
            draft = path.with_suffix(".new")
            draft.write_bytes(heading.encode() + envelope.original_content)
            draft.rename(path)
            self.mails.insert(0, Mail(path))
            for old in self.mails[KEPT:]:
                old.path.unlink(missing_ok=True)
            del self.mails[KEPT:]

    def to(self, address):
        return [mail for mail in list(self.mails) if mail.is_to(address)]

    def get(self, mail_id):
        return next((mail for mail in list(self.mails) if mail.id == mail_id), None)


class Receiver:
    """What aiosmtpd calls with each mail."""

    def __init__(self, mailbox):
        self.mailbox = mailbox

    async def handle_DATA(self, server, session, envelope):
        self.mailbox.keep(envelope)
        return "250 OK"


# --- Showing ---------------------------------------------------------------------------------
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>{body}</body>
</html>
"""


class Inbox(BaseHTTPRequestHandler):
    """The pages. Only GET, only for this machine's own names."""

    mailbox = None
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "inbox", ""

    def do_GET(self):
        if urlsplit(f"//{self.headers['Host']}").hostname not in (HOST, "localhost"):
            # A page elsewhere may have pointed its own name at this machine to read the mails.
            return self.send_text("unknown host", status=421)
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        pages = {"/": self.listing, "/messages.json": self.listing_json, "/style.css": self.style}
        if url.path in pages:
            return pages[url.path](query)
        mail_id, _, view = url.path.removeprefix("/").partition("/")
        views = {"": self.mail, "html": self.html, "text": self.text, "raw": self.raw}
        mail = self.mailbox.get(mail_id)
        if mail and view in views:
            return views[view](mail)
        return self.send_text("not found", status=404)

    # --- Lists
    def listing(self, query):
        address = query.get("to", "").strip()
        page = int(query["page"]) if query.get("page", "").isdecimal() else 1
        found, start = self.mailbox.to(address), (max(page, 1) - 1) * PER_PAGE
        rows = "".join(map(self.row, found[start : start + PER_PAGE]))
        nothing = self.word("none" if address else "empty")
        self.send_page(
            self.word("title"),
            f"<header><h1>{self.word('title')}</h1><p>{self.word('about')}</p></header><main>"
            f"{self.filter_form(address, len(found))}"
            + (f"<ol class=mails>{rows}</ol>" if rows else f"<p class=empty>{nothing}</p>")
            + self.pager(address, page, more=len(found) > start + PER_PAGE)
            + "</main>",
        )

    def filter_form(self, address, count):
        everything = f'<a href="/">{self.word("all")}</a>' if address else ""
        return (
            f'<form method="get" action="/"><label for="to">{self.word("to")}</label>'
            f'<input id="to" name="to" type="email" value="{escape(address)}">'
            f"<button>{self.word('filter')}</button>{everything}"
            f"<output>{self.word('count').format(count)}</output></form>"
        )

    def row(self, mail):
        return (
            f'<li><a href="/{mail.id}">{escape(mail.subject) or "—"}</a>'
            f"<span>{escape(', '.join(mail.recipients))}</span>{self.moment(mail)}</li>"
        )

    def moment(self, mail):
        local = mail.received.astimezone()
        return f'<time datetime="{mail.received.isoformat()}">{local:%Y-%m-%d %H:%M:%S}</time>'

    def pager(self, address, page, *, more):
        def link(number, word):
            query = urlencode({"to": address, "page": number} if address else {"page": number})
            return f'<a href="/?{escape(query)}">{self.word(word)}</a>'

        newer = link(page - 1, "newer") if page > 1 else ""
        older = link(page + 1, "older") if more else ""
        return f"<nav>{newer}{older}</nav>" if newer or older else ""

    def listing_json(self, query):
        mails = self.mailbox.to(query.get("to", "").strip())
        body = json.dumps({"messages": [mail.as_json() for mail in mails]})
        self.send(body.encode(), "application/json")

    # --- One mail
    def mail(self, mail):
        text, html = mail.body("plain"), mail.body("html")
        frame = (
            f'<iframe title="{self.word("html")}" src="/{mail.id}/html" '
            'sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        )
        plain = f"<pre>{escape(text or '')}</pre>"
        self.send_page(
            mail.subject,
            f'<header><a href="/">{self.word("back")}</a><h1>{escape(mail.subject) or "—"}</h1>'
            f"<dl><dt>{self.word('from')}</dt><dd>{escape(mail.author)}</dd>"
            f"<dt>{self.word('to')}</dt><dd>{escape(', '.join(mail.recipients))}</dd></dl>"
            f"{self.moment(mail)}</header><main>"
            f"<section><h2>{self.word('html')}</h2>"
            f"{frame if html is not None else self.word('none_html')}</section>"
            f"<section><h2>{self.word('text')}</h2>"
            f"{plain if text is not None else self.word('none_text')}</section>"
            f"<details><summary>{self.word('headers')}</summary><pre>{self.head(mail)}</pre>"
            f'</details><p><a href="/{mail.id}/raw">{self.word("raw")}</a></p></main>',
        )

    def head(self, mail):
        return "\n".join(f"{escape(k)}: {escape(str(v))}" for k, v in mail.message().items())

    def html(self, mail):
        html = mail.body("html")
        if html is None:
            return self.send_text("not found", status=404)
        # A link must leave the frame, whose sandbox the product's pages cannot live in.
        target = '<base target="_blank">'
        html, placed = re.subn(r"(?i)<head(\s[^>]*)?>", lambda m: m[0] + target, html, count=1)
        html = html if placed else target + html
        return self.send(html.encode(), "text/html; charset=utf-8", policy=THEIRS)

    def text(self, mail):
        text = mail.body("plain")
        return self.send_text("not found" if text is None else text, 404 if text is None else 200)

    def raw(self, mail):
        self.send(mail.path.read_bytes(), "text/plain; charset=utf-8")

    def style(self, query):
        self.send(STYLE, "text/css; charset=utf-8")

    # --- Sending
    def word(self, key):
        return WORDS[self.language()][key]

    def language(self):
        wanted = self.headers.get("Accept-Language", "").lower()
        places = {language: wanted.find(language) for language in ("en", "fr")}
        return "fr" if places["fr"] >= 0 and not 0 <= places["en"] < places["fr"] else "en"

    def send_page(self, title, body):
        page = PAGE.format(language=self.language(), title=escape(title), body=body)
        self.send(page.encode(), "text/html; charset=utf-8")

    def send_text(self, text, status=200):
        self.send(text.encode(), "text/plain; charset=utf-8", status=status)

    def send(self, body, kind, *, status=200, policy=OURS):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        """Said nothing: the answers are what matters, and addresses would fill the log."""


def main():
    options = argparse.ArgumentParser(prog="launch.mailcatcher", description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--smtp", type=int, required=True)
    options.add_argument("--http", type=int, required=True)
    chosen = options.parse_args()
    Inbox.mailbox = Mailbox(chosen.folder)
    receiver = Receiver(Inbox.mailbox)
    smtp = Controller(receiver, HOST, chosen.smtp, data_size_limit=LARGEST, ident="inbox")
    smtp.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    ThreadingHTTPServer((HOST, chosen.http), Inbox).serve_forever()


if __name__ == "__main__":
    main()
