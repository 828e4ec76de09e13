"""Who is taken for whom: `make bench-classify`. Every case says what it is; the product judges it.

Cases are in tests/data/agents (its README says from where). Those in `tuned-*` were looked at while
the rules were written; those in `held-*` were not. Behaviours are made up here, forty of each.
"""

import os
import random
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from typing import NamedTuple

from bench.figures import conclude, show

CASES = Path(__file__).parent.parent / "tests" / "data" / "agents"
BAR = {
    "precision_invalid": 0.99,
    "recall_bots": 0.95,
    "recall_gateways": 0.70,
    "in_app_errors": 0,
    "previews_as_people": 0,
}
PEOPLE, INVALID = ("person", "in-app"), ("bot", "preview", "scanner")
TIMES = 40
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36"
)
HEADLESS = CHROME.replace("Chrome/", "HeadlessChrome/")
LIBRARIES = ("Java/17.0.9", "Go-http-client/2.0", "python-requests/2.32.3", "libwww-perl/6.72")
ABSURD = ("", "-", "Mozilla")
PURPOSES = ("prefetch", "prefetch;prerender", "preview", "prefetch;anonymous-client-ip", "instant")
REWRITTEN = ("nam02.safelinks.protection.outlook.com", "urldefense.com", "linkprotect.cudasvc.com")


class Pattern(NamedTuple):
    """One behaviour. clicks: gives the `Seen` of one visit, at random.

    group: "gateway" and "person" are held to the bar; what a "machine" does with an ordinary
    browser, a "double" tap and the known "limit" are only shown.
    """

    name: str
    group: str
    clicks: object


class Seen(NamedTuple):
    """A click, in seconds after noon."""

    second: float
    link: int = 1
    visitor: bytes = b"v" * 16
    agent: str = CHROME
    purpose: str = ""
    referrer: str = ""


def main():
    sys.argv[1:] and sys.exit("bench.classify takes no arguments")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    return conclude("classify", *report())


def report():
    """Prints everything; gives figures, bar and misses."""
    from campaigns.tracking.agents import RULES

    print(f"rules of {RULES}")
    figures = {"rules": RULES} | {part: agents(part) for part in ("tuned", "held")}
    figures["behaviour"] = behaviour()
    return figures, BAR, list(misses(figures))


# --- What an agent says --------------------------------------------------------------------------
def cases(part):
    """[(label, agent)] of a part, "tuned" or "held"."""
    lines = [
        line.split("\t", 1)
        for file in sorted(CASES.glob(f"{part}-*.tsv"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [(label, agent) for label, agent in lines]


def agents(part):
    """The confusion matrix of a part, printed; gives its figures."""
    from campaigns.tracking.agents import by_agent

    matrix = Counter((label, str(by_agent(agent).kind)) for label, agent in cases(part))
    print(f"\n{part}: agents, and the class they were given")
    print_matrix(matrix)
    return summary(matrix)


def print_matrix(matrix):
    kinds = sorted({kind for _, kind in matrix})
    labels = [label for label in (*PEOPLE, *INVALID) if any(label == of for of, _ in matrix)]
    show([["said to be", *kinds], *([of, *(matrix[of, kind] for kind in kinds)] for of in labels)])


def summary(matrix):
    def count(labels, people):
        kinds = [(of, kind) for of, kind in matrix if of in labels]
        return sum(matrix[one] for one in kinds if (one[1] == "human") == people)

    lost, kept = count(PEOPLE, False), count(PEOPLE, True)
    missed, caught = count(INVALID, True), count(INVALID, False)
    bots_missed, bots = count(("bot",), True), count(("bot",), False)
    parts = {
        "precision_invalid": (caught, caught + lost),
        "recall_bots": (bots, bots + bots_missed),
        "people_taken_for_machines": (lost, lost + kept),
        "machines_taken_for_people": (missed, missed + caught),
    }
    show([["", "cases", "share", "95 % (Wilson)"], *(line(*part) for part in parts.items())])
    figures = {
        name: round(part / whole, 5) if whole else None for name, (part, whole) in parts.items()
    }
    intervals = {f"{name}_95": wilson(*part) for name, part in parts.items()}
    return figures | intervals | {
        "in_app": count(("in-app",), True) + count(("in-app",), False),
        "in_app_errors": count(("in-app",), False),
        "previews_as_people": count(("preview",), True),
    }  # fmt: skip


def line(name, part):
    low, high = wilson(*part)
    share = part[0] / part[1] if part[1] else 0
    return [name.replace("_", " "), f"{part[0]}/{part[1]}", f"{share:.4f}", f"{low:.4f}-{high:.4f}"]


def wilson(part, whole, z=1.96):
    """The interval that holds the true share 95 times of 100 (E. B. Wilson, 1927)."""
    if not whole:
        return [0.0, 1.0]
    share, extra = part / whole, z * z / whole
    middle = (share + extra / 2) / (1 + extra)
    reach = z * sqrt(share * (1 - share) / whole + extra / whole / 4) / (1 + extra)
    return [round(max(0.0, middle - reach), 5), round(min(1.0, middle + reach), 5)]


# --- What somebody does --------------------------------------------------------------------------
def patterns(dice):
    """Gateways, other machines, and people; the last of them are known not to be told apart."""

    def mail(seconds, links=None, **others):
        count = links or dice.randint(4, 10)
        return [Seen(seconds * n / count, n, **others) for n in range(count)]

    named = [agent for label, agent in cases("tuned") if label == "scanner"]

    return [
        Pattern("gateway that says its name", "gateway", lambda: [
            Seen(0, agent=dice.choice(named))
        ]),
        Pattern("every link of a mail within 2 s", "gateway", lambda: mail(dice.uniform(0.1, 2))),
        Pattern("every link of a mail within 5 s", "gateway", lambda: mail(dice.uniform(2, 5))),
        Pattern("headless browser, one link", "gateway", lambda: [Seen(0, agent=HEADLESS)]),
        Pattern("a library's agent", "gateway", lambda: [Seen(0, agent=dice.choice(LIBRARIES))]),
        Pattern("announced as prefetch", "gateway", lambda: [
            Seen(0, purpose=dice.choice(PURPOSES))
        ]),
        Pattern("seconds after the share", "gateway", lambda: [Seen(dice.uniform(-86400, -86391))]),
        Pattern("no agent at all", "gateway", lambda: [Seen(0, agent=dice.choice(ABSURD))]),
        Pattern("two links, an ordinary browser", "gateway", lambda: mail(dice.uniform(0.1, 2), 2)),
        Pattern("one link, an ordinary browser", "gateway", lambda: [Seen(0)]),
        Pattern("every link from another address", "gateway", lambda: [
            Seen(n / 10, n, visitor=dice.randbytes(16)) for n in range(6)
        ]),
        Pattern("again every 10 s: all but the first", "machine", lambda: [
            Seen(10.0 * n) for n in range(20)
        ]),
        Pattern("again every 5 min", "machine", lambda: [Seen(300.0 * n) for n in range(12)]),
        Pattern("one click", "person", lambda: [Seen(dice.uniform(0, 3600))]),
        Pattern("three links in tabs at once", "person", lambda: mail(2, 3)),
        Pattern("four links, one after the other", "person", lambda: [
            Seen(n * dice.uniform(1, 20) + n, n) for n in range(4)
        ]),
        Pattern("comes back later", "person", lambda: [Seen(0), Seen(dice.uniform(90, 4000))]),
        Pattern("through Safe Links and the like", "person", lambda: [
            Seen(0, referrer=dice.choice(REWRITTEN))
        ]),
        Pattern("taps twice: the first", "double", lambda: [Seen(0), Seen(dice.uniform(0.1, 29))]),
        Pattern("two with one address and browser", "limit", lambda: [
            Seen(0), Seen(dice.uniform(1, 29))
        ]),
    ]  # fmt: skip


def behaviour():
    dice = random.Random(58)  # noqa: S311
    print("\nbehaviours, and how many of their clicks count as a person's")
    rows, shares = [["", "clicks", "people", "share", "95 % (Wilson)"]], {}
    for pattern in patterns(dice):
        kinds = [kind for _ in range(TIMES) for kind in judged(pattern.clicks())]
        human = kinds.count("human")
        low, high = wilson(human, len(kinds))
        share = human / len(kinds)
        shares.setdefault(pattern.group, []).append(share)
        rows.append([pattern.name, len(kinds), human, f"{share:.3f}", f"{low:.3f}-{high:.3f}"])
    show(rows)
    return {
        "recall_gateways": round(1 - sum(shares["gateway"]) / len(shares["gateway"]), 4),
        "people_excluded": round(1 - min(shares["person"]), 4),
    }


def judged(seen):
    """The class of each of them; the link was made a day before noon."""
    from campaigns.tracking import classify

    clicks = sorted(map(click, seen), key=lambda one: one.at)
    made = dict.fromkeys(range(99), classify.milliseconds(NOON - timedelta(days=1)))
    judge = classify.Judge(made, {}, classify.scans(clicks))
    return [str(judge.decide(one).kind) for one in clicks]


def click(seen):
    from campaigns.tracking.arrivals import Arrival
    from campaigns.tracking.stream import ClickEvent

    return Arrival.of(
        ClickEvent.make(
            seen.link,
            at=NOON + timedelta(seconds=seen.second),
            agent=seen.agent,
            purpose=seen.purpose,
            referrer=seen.referrer,
            visitor=seen.visitor,
        )
    )


# --- Against the bar -----------------------------------------------------------------------------
def misses(figures):
    for part in ("tuned", "held"):
        found = figures[part]
        for name in ("precision_invalid", "recall_bots"):
            if found[name] < BAR[name]:
                yield f"{part}: {name} {found[name]}, under {BAR[name]}"
        for name in ("in_app_errors", "previews_as_people"):
            if found[name] > BAR[name]:
                yield f"{part}: {name} {found[name]}"
    if (found := figures["behaviour"]["recall_gateways"]) < BAR["recall_gateways"]:
        yield f"recall on gateways {found}, under {BAR['recall_gateways']}"
    if found := figures["behaviour"]["people_excluded"]:
        yield f"{found} of the people of a pattern are taken for machines"


if __name__ == "__main__":
    sys.exit(main())
