"""A DNS server of a test's own: it answers what it is told, and NXDOMAIN to the rest."""

import socket
import threading
from contextlib import contextmanager

import dns.message
import dns.rcode
import dns.rrset


@contextmanager
def name_server(records):
    """records: {("orvaly.example", "TXT"): ['"v=spf1 -all"']}. Gives its "127.0.0.1:port"."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(line, records), daemon=True).start()
    try:
        yield f"127.0.0.1:{line.getsockname()[1]}"
    finally:
        # Wakes the thread, which ends.
        line.sendto(b"", line.getsockname())


def _answer(line, records):
    while question := (said := line.recvfrom(4096))[0]:
        line.sendto(_reply(dns.message.from_wire(question), records), said[1])
    line.close()


def _reply(asked, records):
    [question] = asked.question
    reply = dns.message.make_response(asked)
    name, kind = str(question.name).rstrip("."), dns.rdatatype.to_text(question.rdtype)
    if found := records.get((name, kind)):
        reply.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
    else:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply.to_wire()
