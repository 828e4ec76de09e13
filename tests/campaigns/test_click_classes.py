import uuid
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.tracking.arrivals import Arrival
from campaigns.tracking.classify import (
    Judge,
    by_agent,
    draws_cards,
    is_in_advance,
    milliseconds,
    scans,
)
from campaigns.tracking.models import ClickKind

NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36"
PEOPLE = {
    "Firefox": BROWSER,
    "Chrome": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Edge": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Safari": f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1",
    "LinkedIn": f"{IPHONE} Mobile/15E148 [LinkedInApp]/9.30.1234",
    "LinkedIn, Android": f"{ANDROID} [LinkedInApp]/4.1.1018",
    "Facebook": f"{IPHONE} Mobile/22B83 [FBAN/FBIOS;FBAV/490.0.0.44.108;FBBV/664;FBDV/iPhone14,5;FBLC/fr_CA;FBOP/80]",
    "Facebook, Android": f"{ANDROID} [FB_IAB/FB4A;FBAV/490.0.0.60.72;]",
    "Facebook, new": f"{ANDROID} MetaIAB Facebook",
    "Messenger": f"{IPHONE} Mobile/22B83 [FBAN/MessengerForiOS;FBAV/480.0.0.40.108]",
    "Instagram": f"{IPHONE} Mobile/22B83 Instagram 356.0.0.31.94 (iPhone14,5; iOS 18_1; fr_CA; scale=3.00)",
    "Instagram on a build that the list mistakes for a robot": "Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Instagram 406.0.0.58.159 Android",
    "Chrome on that build": "Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "X": f"{IPHONE} Mobile/22B83 Twitter for iPhone/10.68",
    "X, Android": f"{ANDROID} TwitterAndroid",
    "TikTok": f"{ANDROID} musical_ly_2023703040 JsSdk/1.0 NetType/WIFI AppName/musical_ly BytedanceWebview/d8a21c6",
    "TikTok, iPhone": f"{IPHONE} Mobile/22B83 musical_ly_37.2.0 BytedanceWebview/d8a21c6",
    "WeChat": f"{ANDROID} XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560 WeChat/arm64 NetType/WIFI",
    "Threads": f"{IPHONE} Mobile/22B83 Barcelona 356.0.0.31.94 (iPhone14,5; iOS 18_1; fr_CA)",
    "Snapchat": f"{IPHONE} Mobile/15E148 Snapchat/13.10.0.49 (like Safari/8618.2.12.10.9, panda)",
    "LINE": f"{IPHONE} Mobile/15E148 Safari Line/14.17.0",
    "Pinterest": f"{IPHONE} Mobile/22B83 [Pinterest/iOS]",
    "KakaoTalk": f"{ANDROID} KAKAOTALK 11.1.5",
    "Google app": f"{IPHONE} GSA/340.3.695774160 Mobile/15E148 Safari/604.1",
    "Outlook app": f"{IPHONE} Mobile/15E148 Outlook-iOS/1.0",
    "Cubot": "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
    "Yandex browser": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 YaBrowser/24.12 Safari/537.36",
}
PREVIEWS = {
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "iMessage": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "X": "Twitterbot/1.0",
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Teams": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Office": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Bluesky": "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "WhatsApp": "WhatsApp/2.24.20.80 A",
    "Telegram": "TelegramBot (like TwitterBot)",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mastodon": "Mastodon/4.3.1 (http.rb/5.2.0; +https://mastodon.example/)",
    "Pinterest": "Mozilla/5.0 (compatible; Pinterestbot/1.0; +https://www.pinterest.com/bot.html)",
    "Reddit": "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "KakaoTalk": "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
}
BOTS = {
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Bing": "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Yandex": "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "GPT": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Ahrefs": "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "curl": "curl/8.11.0",
    "requests": "python-requests/2.32.3",
    "Go": "Go-http-client/2.0",
    "okhttp": "okhttp/4.12.0",
    "headless": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
    "TikTok": "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "unheard of": "Mozilla/5.0 (compatible; NeuerCrawler/0.1)",
}
SCANNERS = {
    "Barracuda": "BarracudaCentral/1.0 (link protection)",
    "Mimecast": "Mozilla/5.0 (compatible; Mimecast URL Protect)",
    "Proofpoint": "Mozilla/5.0 (proofpoint urldefense)",
}


def labelled(agents):
    return [pytest.param(agent, id=name) for name, agent in agents.items()]


@pytest.mark.parametrize("agent", labelled(PEOPLE))
def test_browsers_are_people_even_inside_an_application(agent):
    assert by_agent(agent) == (ClickKind.HUMAN, "", False)
    assert not draws_cards(agent)


@pytest.mark.parametrize("agent", labelled(PREVIEWS))
def test_who_draws_a_card_is_no_visitor(agent):
    assert by_agent(agent).kind == ClickKind.PREVIEW
    assert draws_cards(agent)


@pytest.mark.parametrize("agent", labelled(BOTS))
def test_robots_are_robots_and_the_reason_says_which(agent):
    verdict = by_agent(agent)
    assert verdict.kind == ClickKind.BOT
    assert verdict.reason.removeprefix("agent:") in agent
    assert not draws_cards(agent)


@pytest.mark.parametrize("agent", labelled(SCANNERS))
def test_mail_gateways_that_say_their_name_are_scanners(agent):
    assert by_agent(agent).kind == ClickKind.SCANNER


@pytest.mark.parametrize("agent", ["", "-", "a", "Mozilla"])
def test_an_empty_or_absurd_agent_is_no_person(agent):
    assert by_agent(agent) == (ClickKind.BOT, "no_agent", False)


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender", "preview", "Instant"])
def test_what_was_loaded_in_advance_is_no_visit(purpose):
    assert is_in_advance(purpose)
    assert judged([click(purpose=purpose)]) == ["prefetch"]


def click(seconds=0.0, *, link=1, visitor=b"v" * 16, agent=BROWSER, **fields):
    at = milliseconds(NOON + timedelta(seconds=seconds))
    return Arrival(at, uuid.uuid4().bytes, link, agent, visitor=visitor, **fields)


def verdicts(clicks, made=NOON - timedelta(days=1)):
    judge = Judge(dict.fromkeys(range(99), milliseconds(made)), {}, scans(clicks))
    return [judge.decide(click) for click in clicks]


def judged(clicks, **options):
    return [verdict.kind.value for verdict in verdicts(clicks, **options)]


def test_a_double_tap_is_a_repeat_and_an_hour_later_a_visit():
    assert judged([click(0), click(1), click(30), click(3600)]) == [
        "human",
        "repeat",
        "repeat",
        "human",
    ]


def test_a_page_that_reloads_itself_is_one_visit():
    assert judged([click(25 * n) for n in range(20)]) == ["human"] + ["repeat"] * 19


def test_after_the_window_the_same_person_visits_again_but_is_not_new():
    first, second = verdicts([click(0), click(31)])
    assert (first.is_first, second.is_first) == (True, False)
    assert second.kind == ClickKind.HUMAN


def test_two_people_or_two_links_are_no_repeat():
    clicks = [click(0), click(1, visitor=b"w" * 16), click(2, link=2)]
    assert [verdict.is_first for verdict in verdicts(clicks)] == [True] * 3


def test_the_next_day_everybody_is_new():
    assert [v.is_first for v in verdicts([click(0), click(24 * 3600)])] == [True, True]


def test_the_day_is_the_organisations():
    """17:00 UTC is noon in Montréal; twelve hours later the day has just changed."""
    evening, morning = click(11.9 * 3600), click(12.1 * 3600)
    assert [v.is_first for v in verdicts([evening, morning])] == [True, True]


def test_nobody_but_the_ambassador_can_have_a_link_that_was_just_made():
    clicks = [click(5), click(3600), click(3601, visitor=b"w" * 16)]
    found = verdicts(clicks, made=NOON)
    assert [v.kind.value for v in found] == ["self", "self", "human"]
    assert [v.reason for v in found] == ["just_made", "same_visitor", ""]


def test_ten_seconds_after_it_was_made_a_link_is_everybodys():
    assert judged([click(10)], made=NOON) == ["human"]


def test_a_visitor_without_a_hash_is_counted_but_never_as_new():
    clicks = [click(0, visitor=None), click(1, visitor=None)]
    assert judged(clicks) == ["human", "human"]
    assert not any(verdict.is_first for verdict in verdicts(clicks))


def test_four_links_at_once_are_a_scanner_whatever_its_agent_says():
    burst = [click(n / 2, link=n) for n in range(4)]
    later = click(60, link=1)
    assert judged([*burst, later]) == ["scanner"] * 4 + ["human"]


def test_three_links_or_a_slower_reader_are_a_person():
    assert judged([click(n / 2, link=n) for n in range(3)]) == ["human"] * 3
    assert judged([click(n, link=n) for n in range(8)]) == ["human"] * 8


def test_a_robot_in_a_burst_keeps_its_own_name():
    burst = [click(n / 9, link=n, agent=BOTS["curl"]) for n in range(6)]
    assert set(judged(burst)) == {"bot"}
