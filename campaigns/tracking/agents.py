"""What a request's own headers say of who sends it: a person's browser, or which program.

Three readings of the agent, the cheap one first: it says nothing but what a browser says; it names
somebody who is known; it is not built as a browser's is. The last one needs no list, so it also
holds for programs nobody has heard of. How often each errs: docs/measurement.md.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import crawleruseragents

from campaigns.tracking.models import ClickKind

# Of the rules here and in classify: another number, other figures. Printed beside them.
RULES = "2026-11-23"
SHORTEST_AGENT = 8

ADVANCE = re.compile(r"prefetch|prerender|preview|preload|instant", re.IGNORECASE)

# Browsers inside the networks' applications: people, whatever the application's name suggests.
IN_APP = re.compile(
    r"^\[FBAN/|^Mozilla/5\.0 .*("
    r"\bFB(AN|AV|_IAB|BV)/|\bFBFOR|MetaIAB|Instagram \d|\[?LinkedInApp|Twitter for |TwitterAndroid"
    r"|musical_ly|\btrill_|BytedanceWebview|BytedanceLocale|\bTikTok[ /]\d|\baweme|MicroMessenger/"
    r"|\bLine/\d|KAKAOTALK[ /]\d|Snapchat[ /]\d|Barcelona \d|\[Pinterest/|Pinterest for |\bGSA/\d"
    r"|Viber/\d|\bWhatsApp/\d|Telegram-Android|Reddit/|\bSlack/\d|\bTeams/\d|\bDiscord/\d"
    r")"
)
# A preview that names the application it is for, or a robot dressed as one.
NOT_IN_APP = re.compile(r"facebookexternalhit|compatible;|[a-z][Bb]ot\b|\+https?:")

# What a browser says and nothing else: where it runs, and products that are browsers. The name of
# a telephone stands in the brackets, and may be Butterfly, Cubot or Spider.
_PRODUCT = (
    r"AppleWebKit|Version|Chrome|Chromium|Safari|Mobile|Firefox|Gecko|Edge?|EdgA|EdgiOS|OPR|OPT|OPX"
    r"|OPRGX|CriOS|FxiOS|Focus|Klar|SamsungBrowser|YaBrowser|Yowser|Vivaldi|DuckDuckGo|Ddg|GSA|Brave"
    r"|UCBrowser|MiuiBrowser|XiaoMi|HuaweiBrowser|HeyTapBrowser|VivoBrowser|Whale|Silk|Puffin|NAVER"
    r"|QQBrowser|MQQBrowser|Quark|coc_coc_browser|AvastSecureBrowser|Avast|AVG|CCleaner|Ecosia"
    r"|Outlook-iOS|Outlook-Android|Electron|Teams|Slack|Code|SeaMonkey|Epiphany|Ubuntu|Fedora"
    r"|AlohaBrowser|Kiwi|Maxthon|SogouMobileBrowser|JioPages"
)
_WORD = rf"(?:{_PRODUCT})(?:/[\w.+-]+)?|\(KHTML, like Gecko\)"
_PLACE = (
    r"Windows NT \d+\.\d+(?:; (?:Win64|WOW64|x64|ARM64|ARM|Touch|U|[a-z]{2}-[A-Z]{2}))*"
    r"|Macintosh; (?:U; )?(?:Intel|PPC) Mac OS X(?: [\d._]+)?(?:; [a-z]{2}-[a-z]{2})?"
    r"|i(?:Phone|Pad|Pod touch); (?:U; )?CPU (?:i(?:Phone|Pad) )?OS [\d_]+ like Mac OS X"
    r"(?:; [\w-]+)?"
    r"|(?:Linux; )?(?:arm_64; )?(?:U; )?Android(?!.*-Google)[^()@:]*(?:\([^()@:]*\)[^()@:]*)?"
    r"|X11; (?:U; )?(?:Ubuntu; |Fedora; )?(?:CrOS|Linux|FreeBSD|OpenBSD) \w+(?: [\d.]+)?"
)
BROWSER = re.compile(
    rf"Mozilla/5\.0 \((?:{_PLACE})(?:; ?rv:[\d.]+)?\)(?: +(?:{_WORD}))+ *", re.ASCII
)

# Who fetches a page to draw a card of it, over and above the list's own "social-preview".
PREVIEWERS = re.compile(
    r"facebookexternalhit|Facebot|Twitterbot|LinkedInBot|Slackbot|Slack-ImgProxy|WhatsApp/"
    r"|TelegramBot|Discordbot|SkypeUriPreview|MicrosoftPreview|BingPreview|ms-office|MSOffice"
    r"|Microsoft Office|Microsoft Outlook|TeamsPreview|Bluesky Cardyb|Pinterestbot|Pinterest/0"
    r"|redditbot|Mastodon/|Akkoma|Pleroma|Misskey|SummalyBot|Iframely|Embedly|vkShare|ZoomBot"
    r"|Zoom\.Mac|NotionEmbedder|NotionBot|Rocket\.?Chat|Signal-(Android|Desktop)|SignalPreview"
    r"|kakaotalk-scrap|line-poker|Mattermost|Synapse|Matrix-Media-Repo|Google-PageRenderer"
    r"|Google Web Preview|Snippet|Mediumbot|HubSpot Page Fetcher|Discourse Forum Onebox"
    r"|Link ?-?Preview|Link ?Expander|URL ?-?Preview|UriPreview|Preview ?Bot|Unfurl|RichLink"
    r"|WebsiteMetadataRetriever|meta-externalfetcher|Yahoo Link|XING-|OdklBot|Flipboard\w*Proxy",
    re.IGNORECASE,
)
SCANNERS = re.compile(
    r"Barracuda|Mimecast|proofpoint|SafeLinks|Safe Links|FireEye|TrendMicro|Sophos|Cloudmark"
    r"|IronPort|MessageLabs|Forcepoint|Zscaler|urldefense|CiscoEmail|Vade ?Secure|Hornetsecurity"
    r"|Symantec|TrustedSource|VirusTotal|Fortinet|FortiMail|Trustwave",
    re.IGNORECASE,
)
# In the public list too broadly: a build number of many telephones, real browsers, a school's
# application, and names that also are telephones'.
NOT_CRAWLERS = {
    r"AP3A\.240617\.008",
    "MetaIAB Facebook",
    "Fluid",
    "Sogou",
    "Blackboard",
    r"Code\/1\.",
}
MORE_BOTS = (
    r"YandexBot",
    r"Sogou (?:[wW]eb|[iI]nst|[pP]ic|[nN]ews|[hH]ead|[bB]log|Orion|Test)",
    r"Blackboard Safeassign",
)

# --- Not built as a browser's -------------------------------------------------------------------
# Telephones of before 2010 say who made them, and that they know Java.
_OLD_PHONE = r"MIDP|CLDC|UCWEB|DoCoMo|KDDI|SoftBank|UP\.Browser|Obigo|BlackBerry|NetFront|SymbianOS"
NO_BROWSER = re.compile(
    rf"(?!Mozilla/\d|Opera[/ ]\d|(?s:.*)(?:{_OLD_PHONE})).", re.DOTALL | re.IGNORECASE
)
# A page about itself, or an address to complain to. (bsalsa: Internet Explorer within programs.)
CONTACT = re.compile(
    r"https?:|www\.(?!bsalsa)|\w(?: ?@ ?| at | ?\[at\] ?)[\w-]+(?:\.| dot )[a-z]", re.IGNORECASE
)
# "compatible" is what Internet Explorer said, Konqueror after it, and robots ever since.
COMPATIBLE = re.compile(
    r"\bcompatible[;,](?! ?(?:MSIE|Konqueror|iCab|OmniWeb|IBrowse|U; ABrowse|WebPositive|Opera"
    r"|Yahoo! J|AOL|Phoenix|Charon|Google Desktop))",
    re.IGNORECASE,
)
# Whatever draws a page names what it draws with; and adds nothing within these brackets.
NO_ENGINE = re.compile(
    r"(?!(?s:.*)(?:AppleWebKit|KHTML|Gecko|Trident|MSIE|Presto|Opera|Konqueror|NetFront|Nintendo"
    rf"|Dillo|Firefox|Chrome|Safari|OmniWeb|iCab|Amiga|{_OLD_PHONE})).",
    re.DOTALL | re.IGNORECASE,
)
ADDED = re.compile(r"\(KHTML, like Gecko; ?[^)]|\(Unknown; ", re.IGNORECASE)
TRADE = re.compile(
    r"[a-z0-9]bot\b|(?<![\w ])bot\b|\bbot[/;)]|crawl|spider|\bscan(?:ner|ning|s)?\b|scraper"
    r"|scrap[iy]|monitor|fetch|headless|phantom|selenium|puppeteer|playwright|webdriver|lighthouse|pagespeed"
    r"|page speed|archiv|validat|check(?:er|s)?\b|\bindexer|\brobot|feed ?(?:parser|burner|fetch)"
    r"|site ?(?:audit|verif)|thumbnail|screenshot|snapshot|favicon|transcoder|analy[sz]er|\bprobe\b"
    r"|uptime|pingdom|\bping\b|webpagetest|web ?preview|google ?web|\baudit|healthcheck|synthetic"
    r"|collector|harvest|extract|grabber|downloader|survey|\bcurl\b|\bwget\b|python|\bjava/|\bperl\b"
    r"|\bruby\b|\bnode\b|\bgolang|libwww|\bproxy\b|proxy/|\brss\b|assetnote|research|inspect|\bagent\b",
    re.IGNORECASE,
)
# The name of a telephone, between the system and its build: not what the program is.
_MODEL = re.compile(r"(\bAndroid(?: [\d.]+)?;)[^()]*?(?=(?: Build/|; wv|\)))")


class Verdict(NamedTuple):
    kind: str
    reason: str = ""
    is_first: bool = False


PERSON = Verdict(ClickKind.HUMAN)


@cache
def _crawlers() -> tuple[re.Pattern, re.Pattern]:
    """The public list in two expressions: those that draw cards, and all the others."""
    cards: list[str] = []
    others = list(MORE_BOTS)
    for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA:
        if crawler["pattern"] not in NOT_CRAWLERS:
            draws = "social-preview" in crawler.get("tags", ())
            (cards if draws else others).append(crawler["pattern"])
    return re.compile("|".join(cards)), re.compile("|".join(others))


def _is_in_app(agent):
    return IN_APP.search(agent) and not NOT_IN_APP.search(agent)


@lru_cache(maxsize=16384)
def draws_cards(agent: str) -> bool:
    """Is this a program that wants a page's title and picture, and not the page?"""
    return bool(PREVIEWERS.search(agent) and not _is_in_app(agent))


def is_in_advance(purpose: str) -> bool:
    """Did the browser say that nobody has asked for the page yet?"""
    return bool(purpose and ADVANCE.search(purpose))


@lru_cache(maxsize=65536)
def by_agent(agent: str) -> Verdict:
    """What the agent's own words say: a person, or which kind of program."""
    if len(agent) < SHORTEST_AGENT:
        return Verdict(ClickKind.BOT, "no_agent")
    if _is_in_app(agent) or BROWSER.fullmatch(agent):
        return PERSON
    told = _MODEL.sub(r"\1", agent)
    return _by_name(told) or _by_build(told) or PERSON


def _by_name(agent):
    """Who says who it is, and is known."""
    cards, others = _crawlers()
    for kind, known in (
        (ClickKind.PREVIEW, PREVIEWERS),
        (ClickKind.SCANNER, SCANNERS),
        (ClickKind.PREVIEW, cards),
        (ClickKind.BOT, others),
    ):
        if found := known.search(agent):
            return Verdict(kind, f"agent:{found[0]}"[:60])
    return None


def _by_build(agent):
    """Who says what no browser says, or does not say what every browser says."""
    for rule in (CONTACT, COMPATIBLE, ADDED, TRADE):
        if found := rule.search(agent):
            return Verdict(ClickKind.BOT, f"agent:{found[0]}"[:60])
    if NO_BROWSER.match(agent) or NO_ENGINE.match(agent):
        return Verdict(ClickKind.BOT, "no_browser")
    return None
