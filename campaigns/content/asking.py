"""Posts that ask for reviews: employees may not be sent to review sites (16 CFR 465.5).

What is refused: asking somebody to leave a review or stars there; linking to a form that takes
one; and speaking of reviews beside a link to such a site.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

import regex

from campaigns.content.matching import words_in
from campaigns.networks.counting import URL

SITES = regex.compile(
    r"(?:^|\.)(?:g2|capterra|getapp|softwareadvice|glassdoor|trustpilot|trustradius|indeed|yelp"
    r"|tripadvisor|sitejabber|kununu|avis-verifies)\.(?:com|ca|fr|be|ch|de|net|co\.uk|com\.\w\w)$"
)
# Where Google takes reviews; its other pages are nobody's business here.
GOOGLE = regex.compile(
    r"^(?:g\.page/|maps\.app\.goo\.gl/|goo\.gl/maps/|search\.google\.\w+/local/"
    r"|(?:www\.)?google\.[\w.]+/maps/)"
)
FORM = regex.compile(
    r"writereview|write-?a-?review|reviews?/(?:new|start|create)|/review/?(?:$|\?)|/evaluate/"
    r"|mz-survey|leave-?a-?review|laisser-un-avis|donner-un-avis"
)
NAMES = {"g2", "capterra", "glassdoor", "trustpilot", "google", "yelp", "tripadvisor", "indeed"}
REVIEWS = {"avis", "evaluation", "evaluations", "review", "reviews", "rating", "ratings"}
STARS = {"etoile", "etoiles", "star", "stars"}
ASKS = {
    *("laissez", "laisser", "laisse", "donnez", "donner", "donne", "ecrivez", "ecrire", "ecris"),
    *("publiez", "publier", "publie", "deposez", "deposer", "depose", "mettez", "mettre", "mets"),
    *("redigez", "rediger", "redige", "postez", "poster", "poste", "ajoutez", "ajouter", "ajoute"),
    *("attribuez", "attribuer", "attribue", "accordez", "accorder", "partagez", "partager"),
    *("leave", "write", "post", "give", "drop", "submit", "add", "share"),
}
RATE_US = regex.compile(r"\b(?:rate|review|notez|noter|evaluez|evaluer) (?:us|nous)\b")
# How far behind the verb its object may stand: "laissez-nous, s’il vous plaît, un petit avis".
REACH = 8
# "À notre avis" is an opinion, not a review.
OPINIONS = regex.compile(r"\b(?:a|de) (?:mon|ton|son|notre|votre|leur) (?:humble )?avis\b")


def asks_for_reviews(texts: Iterable[str], url: str = "") -> bool:
    """Whether a post of these texts about the page at `url` would send people to review it."""
    texts = list(texts)
    links = [url, *(link for text in texts for link in URL.findall(text))]
    sites = [link for link in map(_bare, links) if _is_review_site(link)]
    if any(FORM.search(link) for link in sites):
        return True
    words = [OPINIONS.sub(" ", " ".join(words_in(URL.sub(" ", text)))).split() for text in texts]
    speaks = any(REVIEWS & {*some} or STARS & {*some} for some in words)
    return bool(sites and speaks) or any(_asks(some) for some in words)


def _bare(link):
    """Host and path in small letters, as sites are recognised by."""
    try:
        parts = urlsplit(link.strip().lower())
    except ValueError:
        return ""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.hostname or ''}{parts.path}{query}"


def _is_review_site(link):
    return bool(SITES.search(link.partition("/")[0]) or GOOGLE.search(link))


def _asks(words):
    """A verb that asks, then what it asks for: stars anywhere, a review where a site is named."""
    names_one = bool(NAMES & {*words})
    wanted = STARS | (REVIEWS if names_one else set())
    asks = any(
        word in ASKS and wanted & {*words[i + 1 : i + 1 + REACH]} for i, word in enumerate(words)
    )
    return asks or (names_one and bool(RATE_US.search(" ".join(words))))
