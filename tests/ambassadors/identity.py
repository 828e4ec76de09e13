"""Identity providers for the tests of single sign-on: two real ones in Node, and one that lies."""

import base64
import datetime as dt
import html
import json
import re
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from launch.node import modules
from launch.state import ROOT

SECRET = "a-secret-of-the-client-that-nobody-sees"


@contextmanager
def node(script, folder):
    """Runs tests/node/`script` for as long as the block does; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["node", str(ROOT / "tests" / "node" / script), str(modules()), str(port)]
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [*command, str(folder)], stdout=subprocess.PIPE, stderr=log, text=True
        )
        try:
            first = running.stdout.readline()
            while first and "ready" not in first:
                first = running.stdout.readline()
            assert first, (folder / "log").read_text()
            yield port
        finally:
            running.kill()
            running.wait()


class People:
    """Who can log in at a provider: {login: what it says of them}, to be changed at any time."""

    def __init__(self, folder):
        self._file = folder / "people.json"

    def are(self, **people):
        self._file.write_text(json.dumps(people))


class OpenID:
    """The real OpenID provider."""

    def __init__(self, port, folder):
        self.issuer, self.people = f"http://127.0.0.1:{port}", People(folder)
        self.client = "porte-voix"

    def log_in(self, address, who):
        """Follows `address` as `who`; where the provider then sends the browser back to."""
        browser = requests.Session()
        answer = browser.get(address, allow_redirects=False)
        for _step in range(10):
            if answer.is_redirect:
                address = requests.compat.urljoin(address, answer.headers["Location"])
                if not address.startswith(self.issuer):
                    return address
                answer = browser.get(address, allow_redirects=False)
            else:
                form = {"prompt": "login", "login": who, "password": "any"}
                answer = browser.post(address, form, allow_redirects=False)
        raise AssertionError(answer.text)


@contextmanager
def openid_provider(folder, callback):
    client = {
        "client_id": "porte-voix",
        "client_secret": SECRET,
        "redirect_uris": [callback],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
    }
    (folder / "clients.json").write_text(json.dumps([client]))
    (folder / "people.json").write_text("{}")
    with node("openid.mjs", folder) as port:
        yield OpenID(port, folder)


class SAML:
    """The real SAML provider. `key`: what it signs with, for tests that say otherwise than it."""

    def __init__(self, port, folder, key):
        self.address, self.people, self.key = f"http://127.0.0.1:{port}/idp", People(folder), key
        self._folder = folder

    @property
    def metadata(self):
        return requests.get(f"{self.address}/metadata").text

    def serves(self, provider):
        """Who it answers, as an administrator would have entered it there."""
        ours = {"acs": provider.address_of("acs"), "audience": provider.address_of("metadata")}
        (self._folder / "sp.json").write_text(json.dumps(ours))

    def log_in(self, address, who):
        """The form the provider has the browser of `who` post: {"SAMLResponse": …}."""
        page = requests.get(address, params={"who": who}).text
        fields = re.findall(r'name="(\w+)"\s+value="([^"]*)"', page)
        assert fields, page
        return {name: html.unescape(value) for name, value in fields}


@contextmanager
def saml_provider(folder):
    key, certificate = key_pair()
    (folder / "idp.key").write_bytes(private(key))
    (folder / "idp.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "people.json").write_text("{}")
    with node("saml.cjs", folder) as port:
        yield SAML(port, folder, key)


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1))
    builder = builder.not_valid_after(now + dt.timedelta(days=90))
    return key, builder.sign(key, hashes.SHA256())


def private(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


class Liar:
    """An OpenID provider that says whatever a test wants, with keys that are really its own."""

    def __init__(self):
        self.key, _certificate = key_pair()
        self.kid = "key-1"
        self.userinfo, self.token, self.description = {}, "", {}
        self.authorization = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = self._server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def says(self, begun, *, key=None, algorithm="RS256", headers=None, **claims):
        """Makes the next ID token, right in all but `claims`. begun: where we sent the browser."""
        asked = parse_qs(urlsplit(begun).query)
        now = int(time.time())
        right = {
            "iss": self.issuer,
            "aud": "porte-voix",
            "sub": "s-1",
            "nonce": asked["nonce"][0],
            "iat": now,
            "exp": now + 300,
            "email": "lea@orvaly.example",
            "email_verified": True,
        }
        said = {name: value for name, value in (right | claims).items() if value is not None}
        headers = {"kid": self.kid} | (headers or {})
        self.token = jwt.encode(said, key or self.key, algorithm, headers)
        self.userinfo = {"sub": said.get("sub")}
        return asked["state"][0]

    def _pages(self):
        numbers = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/auth",
                "token_endpoint": f"{self.issuer}/token",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
            | self.description,
            "/keys": {"keys": [numbers | {"kid": self.kid, "use": "sig", "alg": "RS256"}]},
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": self.token},
            "/userinfo": self.userinfo,
        }

    def _handler(liar):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(liar._pages()[self.path]).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                liar.authorization = self.headers.get("Authorization", "")
                self.do_GET()

            def log_message(self, *_):
                pass

        return Handler


def encoded(document):
    return base64.b64encode(document).decode()
