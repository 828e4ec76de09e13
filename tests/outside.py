"""The web outside, played on this machine: sites behind public addresses, and a trap for the rest.

Only two things are not real: names are resolved from a dictionary, and a connection to a public
address leads to the site that plays it. A connection to any other address, whatever it is, falls
into the trap, which is a real listener and counts.
"""

import datetime
import socket
import ssl
import threading
import time
from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activity.outside import Unknown, client, places

PUBLIC = "93.184.215.14"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def answer(body=b"", status="200 OK", **headers):
    """The bytes of an answer; header names as keywords, `content_type="text/html"`."""
    body = body.encode() if isinstance(body, str) else body
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    lines = {"Content-Length": len(body)} | HTML | named
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class Listener:
    """Accepts, counts, and hands each connection to `play` in a thread of its own."""

    def __init__(self, play, context=None):
        self._play, self._context = play, context
        self.accepted, self.open = 0, True
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        while True:
            try:
                line, _address = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=[line], daemon=True).start()

    def _serve(self, line):
        # Whoever attacks is hung up on, which is what the tests want.
        with suppress(OSError), line:
            if self._context:
                line = self._context.wrap_socket(line, server_side=True)
            self._play(line)
            # Lets the last bytes arrive before the end.
            line.shutdown(socket.SHUT_WR)

    def close(self):
        self.open = False
        # Wakes the thread that waits in accept().
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=2)


class Site(Listener):
    """`site.pages["/a"]` is bytes, or a function that is given the connection and the site."""

    def __init__(self, context=None):
        self.pages, self.requests = {}, []
        super().__init__(self._answer, context)

    def _answer(self, line):
        asked = b""
        while b"\r\n\r\n" not in asked:
            if not (piece := line.recv(65536)):
                return
            asked += piece
        self.requests.append(asked.decode("latin-1"))
        path = self.requests[-1].split(" ")[1]
        page = self.pages.get(path) or answer("Not here", "404 Not Found")
        line.sendall(page) if isinstance(page, bytes) else page(line, self)


class Outside:
    """What tests are given. `names` maps a host to its addresses; a list of lists changes."""

    def __init__(self, folder):
        self._folder = folder
        self.names, self.looked_up, self.dialled = {}, [], []
        self.trap = Listener(lambda line: line.sendall(answer("<title>secret</title>")))
        self.site = Site()
        self._sites = {PUBLIC: self.site}
        self._authority = None

    def name(self, host, *addresses):
        """`host` answers with `addresses`; given lists, one after the other at each question."""
        self.names[host] = list(addresses or [PUBLIC])

    def page(self, path, page, host="site.example"):
        """Puts `page` (bytes of an answer, or a function) on the site; says its address."""
        self.names.setdefault(host, [PUBLIC])
        self.site.pages[path] = page
        return f"http://{host}{path}"

    def secure_site(self, host, address="93.184.215.15", certified_as=None):
        """A site with TLS, its certificate made out to `certified_as` (else to `host`)."""
        self._authority = self._authority or _Authority(self._folder)
        site = Site(self._authority.context_for(certified_as or host))
        self.names[host], self._sites[address] = [address], site
        return site

    @property
    def authority_file(self):
        return str(self._folder / "authority.pem")

    def look_up(self, host, port):
        self.looked_up.append(host)
        found = self.names.get(host)
        if not found:
            raise Unknown
        if isinstance(found[0], list):
            return found.pop(0) if len(found) > 1 else found[0]
        return found

    def dial(self, address, port, seconds):
        self.dialled.append((address, port))
        listener = self._sites.get(address, self.trap)
        return socket.create_connection(("127.0.0.1", listener.port), timeout=seconds)

    def close(self):
        for listener in (self.trap, *self._sites.values()):
            listener.close()


def open_outside(monkeypatch, folder):
    """For the fixture `outside`."""
    outside = Outside(folder)
    monkeypatch.setattr(places, "look_up", outside.look_up)
    monkeypatch.setattr(client, "dial", outside.dial)
    return outside


def drip(pieces, seconds=0.2):
    """Sends one piece after the other, slowly, for as long as anybody listens."""

    def play(line, site):
        for piece in pieces:
            line.sendall(piece)
            time.sleep(seconds)
            if not site.open:
                return

    return play


class _Authority:
    """Signs certificates that nobody else trusts."""

    def __init__(self, folder):
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        certificate = self._sign(self._name, self._key, x509.BasicConstraints(True, None))
        (folder / "authority.pem").write_bytes(_pem(certificate))

    def context_for(self, host):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        certificate = self._sign(name, key, x509.SubjectAlternativeName([x509.DNSName(host)]))
        file = self._folder / f"{host}.pem"
        file.write_bytes(_pem(certificate) + _private(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _sign(self, name, key, extension):
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(days=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        return builder.add_extension(extension, critical=False).sign(self._key, hashes.SHA256())


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
