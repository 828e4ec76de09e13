"""The programme's own links count in the totals, under their own name, and are nobody's share."""

import pytest
from django.utils import translation

from campaigns.models import Link
from campaigns.reach import verify
from tests.campaigns.test_reach_report import (
    YESTERDAY,
    _monday_morning,  # noqa: F401 — the moment all its figures are of
    count_heads,
    report,
    share,
)
from tests.factories import make_content, make_department, make_member, make_tally

pytestmark = pytest.mark.django_db


@pytest.fixture
def content():
    """Six people shared it, each with two visits; an address on a poster brought nine and one."""
    content, sales = make_content(), make_department()
    for member in [make_member(sales) for _ in range(6)]:
        make_tally(share(member, content), day=YESTERDAY, clicks=2)
    for scanned, clicks in ((False, 9), (True, 1)):
        link = Link.objects.for_programme(content, scanned=scanned)
        make_tally(link, day=YESTERDAY, clicks=clicks)
    count_heads()
    return content


def networks(of):
    with translation.override("en"):
        return {str(row.name): row.values for row in of.where.networks.rows}


def test_they_are_in_the_total_and_named_among_the_networks(content):
    told = report()
    assert told.three.visits.now == 22
    rows = networks(told)
    assert {name: row[:2] for name, row in rows.items()} == {
        "LinkedIn": [6, 12],
        "Programme links": [0, 9],
        "Programme QR codes": [0, 1],
    }


def test_nobody_shared_them_so_no_share_brought_their_visits(content):
    told = report()
    assert told.three.visits_per_share == 2
    [row] = told.what.contents.rows
    assert row.values[:3] == [6, 22, 2]


def test_they_are_nobody_to_hide_and_hide_nobody(content):
    told = report()
    assert not told.where.networks.hidden
    assert list(verify.breaches()) == []
    alone = report(network="programme")
    assert (alone.is_hidden, alone.three.visits.now) == (False, 9)


def test_a_few_peoples_qr_codes_stay_hidden_beside_them(content):
    sharers = [link.ambassador for link in content.links.filter(kind="personal")]
    make_tally(Link.objects.for_qr(content, sharers[0]), day=YESTERDAY, clicks=4)
    rows = networks(report())
    assert not rows["QR code"]
    assert rows["Programme links"][1] == 9


def test_no_department_and_no_person_gets_them(content):
    told = report()
    assert told.alive.active.now == 6
    [department] = told.where.departments.rows
    assert department.values[:2] == [6, 6]
