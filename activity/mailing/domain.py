"""Whether other mail servers can tell our mail from a forgery: SPF, DKIM and DMARC of our domain.

Each finding says in plain words what is there, what is missing, and the record to paste. It looks
from outside, at the DNS alone: whether the mail server signs is seen in a mail that arrived.
Rules: RFC 7208 (SPF), RFC 6376 and 8301 (DKIM), RFC 7489 (DMARC), and what the large mailbox
providers ask of senders.
"""

import base64
import binascii
import ipaddress
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from typing import Any

import dns.exception
import dns.resolver
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import settings
from django.utils.translation import gettext as _

SECONDS = 2
# RFC 7208, 4.6.4: after so many lookups a receiver stops and trusts nothing.
SPF_LOOKUPS = 10
ASKING = {"include", "a", "mx", "ptr", "exists"}
SHORTEST_KEY = 1024
GOOD_KEY = 2048


class State(StrEnum):
    """In the order of a list: what is worst comes first."""

    MISSING = "missing"
    WEAK = "weak"
    GOOD = "good"


class Unreachable(Exception):
    """No DNS server answered: nothing is known, neither good nor bad."""


@dataclass(frozen=True)
class Record:
    """A line for the DNS, as its administrator pastes it."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True)
class Finding:
    """says: sentences. found: the records as they are. paste: what to add."""

    title: str
    what_for: Any
    state: State
    says: list = field(default_factory=list)
    found: list = field(default_factory=list)
    paste: Record | None = None


def our_domain() -> str:
    """The part after the @ of the address mails are from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2].lower()


def check(domain: str) -> list[Finding]:
    """SPF, DKIM, DMARC and where answers go, in this order. Raises Unreachable."""
    names = Names()
    return [_spf(names, domain), _dkim(names, domain), _dmarc(names, domain), _mx(names, domain)]


class Names:
    """The DNS, asked with little patience: a page waits for it."""

    def __init__(self):
        self._resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
        if settings.DNS_SERVERS:
            self._resolver.nameservers = [_server(each) for each in settings.DNS_SERVERS]
        self._resolver.timeout = self._resolver.lifetime = SECONDS

    def texts(self, name: str) -> list[str]:
        """The TXT records, each in one piece. Raises Unreachable."""
        found = self._ask(name, "TXT")
        return [b"".join(each.strings).decode("utf-8", "replace") for each in found]

    def exchangers(self, name: str) -> list[str]:
        return [str(each.exchange).rstrip(".") for each in self._ask(name, "MX")]

    def _ask(self, name, kind):
        try:
            return self._resolver.resolve(name, kind, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.exception.SyntaxError):
            return []
        except (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong):
            return []
        except dns.exception.DNSException as error:
            raise Unreachable(name) from error
        except OSError as error:
            raise Unreachable(name) from error


def _server(text):
    """A server as dnspython takes it: "9.9.9.9", "127.0.0.1:5353", "[::1]:53"."""
    host, _colon, port = text.rpartition(":")
    if not host or (":" in host and not host.startswith("[")):
        host, port = text, "53"
    return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(host.strip("[]"))), int(port))


# --- SPF: which machines may send ------------------------------------------------------------
def _spf(names, domain):
    what_for = _("Names the machines that may send mail from this domain.")
    found = [text for text in names.texts(domain) if _is_spf(text)]
    if not found:
        server = settings.EMAIL_HOST
        ours = "mx" if _is_here(server) else f"a:{server} mx"
        says = [
            _("There is no SPF record. Many servers put such mail into the spam folder."),
            _(
                "If your mail leaves by a provider, ask them for their own “include:” and put it in"
                " place of the name below."
            ),
        ]
        paste = Record(domain, "TXT", f"v=spf1 {ours} ~all")
        return Finding("SPF", what_for, State.MISSING, says, [], paste)
    says = list(_spf_faults(names, domain, found))
    good = [_("It is there, there is one, and it can be read with few enough questions.")]
    return Finding("SPF", what_for, State.WEAK if says else State.GOOD, says or good, found)


def _spf_faults(names, domain, found):
    if len(found) > 1:
        yield _("There are several SPF records. Only one may be: others take all as invalid.")
        return
    words = found[0].lower().split()
    if "+all" in words or "all" in words:
        yield _("“+all” lets every machine in the world send in your name. Make it “~all”.")
    elif not ({"-all", "~all"} & set(words) or any(w.startswith("redirect=") for w in words)):
        yield _("It does not end with “~all” or “-all”: forged mail is not told apart.")
    asked = _lookups(names, domain, set())
    if asked > SPF_LOOKUPS:
        yield _("It takes %(n)d questions to read; after ten, servers give up.") % {"n": asked}


def _is_spf(text):
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def _lookups(names, domain, seen):
    """How many questions a receiver asks to read it, followed until there are too many."""
    if domain in seen or len(seen) > SPF_LOOKUPS:
        return 0
    seen.add(domain)
    asked = 0
    for text in filter(_is_spf, names.texts(domain)):
        for word in (each.lstrip("+-~?") for each in text.lower().split()[1:]):
            asked += _asks(word)
            for way_on in ("include:", "redirect="):
                if word.startswith(way_on):
                    asked += _lookups(names, word.removeprefix(way_on), seen)
    return asked


def _asks(word):
    """Whether reading this word of a record takes a question."""
    name = word.partition("/")[0].partition(":")[0]
    return name in ASKING or word.startswith("redirect=")


# --- DKIM: the signature ---------------------------------------------------------------------
def _dkim(names, domain):
    what_for = _("Lets a receiver see that a mail is yours and that nobody changed it on the way.")
    keys = {}
    for selector in settings.DKIM_SELECTORS:
        texts = names.texts(f"{selector}._domainkey.{domain}")
        if key := next((text for text in texts if "p=" in text), None):
            keys[selector] = key
    if not keys:
        tried = ", ".join(settings.DKIM_SELECTORS)
        says = [
            _("No key was found under the names that were tried: %(names)s.") % {"names": tried},
            _(
                "The key is made where your mail leaves: switch DKIM on there, and paste the record"
                " it shows. If its name is another one, put it into DKIM_SELECTORS."
            ),
        ]
        key = _("the key your mail server shows")
        paste = Record(f"default._domainkey.{domain}", "TXT", f"v=DKIM1; k=rsa; p=<{key}>")
        return Finding("DKIM", what_for, State.MISSING, says, [], paste)
    judged = {selector: _judge_key(key) for selector, key in keys.items()}
    found = [f"{selector}: {key}" for selector, key in keys.items()]
    if None in judged.values():
        good = [_("At least one key is there and long enough.")]
        return Finding("DKIM", what_for, State.GOOD, good, found)
    return Finding("DKIM", what_for, State.WEAK, [says for says in judged.values() if says], found)


def _judge_key(text):
    """What is wrong with a key; None when nothing is."""
    tags = tags_of(text)
    if not tags.get("p"):
        return _("The key was revoked: its “p=” is empty.")
    if tags.get("k", "rsa") != "rsa":
        return None
    try:
        key = load_der_public_key(base64.b64decode(tags["p"], validate=True))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return _("The key cannot be read: perhaps a part of it was lost when it was pasted.")
    size = key.key_size if isinstance(key, RSAPublicKey) else 0
    if size < SHORTEST_KEY:
        return _("The key has %(n)d bits; servers refuse fewer than 1024.") % {"n": size}
    if size < GOOD_KEY:
        return _("The key has %(n)d bits; make it 2048 when you next change it.") % {"n": size}
    return None


# --- DMARC: what becomes of forgeries ----------------------------------------------------------
def _dmarc(names, domain):
    what_for = _("Says what others shall do with mail that only pretends to be yours.")
    where, found = _policy_of(names, domain)
    paste = Record(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:{settings.HELP_EMAIL}")
    if not found:
        says = [
            _("There is no DMARC record. Gmail, Yahoo and Outlook ask one of who writes to many."),
            _("Begin with “p=none”, read the reports for a few weeks, then make it “quarantine”."),
        ]
        return Finding("DMARC", what_for, State.MISSING, says, [], paste)
    says = list(_dmarc_faults(found))
    good = [_("It is there, and asks others to stop forgeries.")]
    if where != domain and not says:
        good.append(_("It is inherited from %(domain)s.") % {"domain": where})
    return Finding("DMARC", what_for, State.WEAK if says else State.GOOD, says or good, found)


def _policy_of(names, domain):
    """The domain's own record, else its parents', nearest first, down to two labels."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        where = ".".join(labels[start:])
        texts = names.texts(f"_dmarc.{where}")
        if found := [
            text for text in texts if text.lower().replace(" ", "").startswith("v=dmarc1")
        ]:
            return where, found
    return domain, []


def _dmarc_faults(found):
    if len(found) > 1:
        yield _("There are several DMARC records. Only one may be: others take all as invalid.")
        return
    tags = tags_of(found[0])
    policy = tags.get("p", "").lower()
    if policy not in ("none", "quarantine", "reject"):
        yield _("It does not say “p=none”, “p=quarantine” or “p=reject”, and so has no effect.")
    elif policy == "none":
        yield _("It only watches (“p=none”). Once SPF and DKIM are good, make it “quarantine”.")
    if "rua" not in tags:
        yield _("No address for reports (“rua=mailto:…”): you would not learn of forgeries.")


# --- MX: where answers and reports go ----------------------------------------------------------
def _mx(names, domain):
    what_for = _("Where answers go, and the reports of mails that did not arrive.")
    back = settings.BOUNCE_ADDRESS.rpartition("@")[2] or domain
    found = names.exchangers(back)
    if found:
        good = [_("Mail to %(domain)s has somewhere to go.") % {"domain": back}]
        return Finding("MX", what_for, State.GOOD, good, found)
    says = [
        _("%(domain)s takes no mail. Nobody can answer, and no report comes back.")
        % {"domain": back}
    ]
    paste = Record(back, "MX", f"10 {settings.EMAIL_HOST}.")
    return Finding(
        "MX", what_for, State.MISSING, says, [], None if _is_here(paste.value) else paste
    )


def tags_of(text: str) -> dict[str, str]:
    """{"v": "DKIM1", "p": "MII…"} of "v=DKIM1; p=MII…". The names in small letters."""
    pairs = (each.partition("=") for each in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, equals, value in pairs if equals}


def _is_here(server):
    return any(each in server for each in ("localhost", "127.0.0.1", "::1"))
