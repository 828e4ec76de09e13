"""What came of the recruiting campaign: applications, as its careers site tells them."""

from datetime import timedelta

from campaigns.conversions.reporting import report
from campaigns.models import Campaign, Click, Goal
from campaigns.tracking.click_ids import ClickId, click_id
from demo.clock import at

# Of a hundred visits to a job offer, so many end in an application.
IN_A_HUNDRED = 3


def make_success(dice, owner, now):
    """Goals and conversions up to `now`. Returns how many were reported."""
    number = 0
    for campaign in Campaign.objects.filter(kind=Campaign.Kind.RECRUITING).order_by("pk"):
        goal = _goal(campaign, owner)
        for visit in _visits(campaign):
            moment = visit.at + timedelta(hours=dice.expovariate(1 / 40))
            if dice.random() < IN_A_HUNDRED / 100 and moment < now:
                number += 1
                told = click_id(ClickId(visit.id, visit.at))
                report(goal, told, event=f"{goal.pk}-{number}", at=moment)
    return number


def _goal(campaign, owner):
    goal = Goal(
        campaign=campaign,
        kind=Goal.Kind.APPLICATION,
        window_days=30,
        return_url="https://orvaly.example/fr/carrieres/merci",
        created_at=campaign.starts_at,
    )
    with at(campaign.starts_at):
        goal.create(by=owner)
    return goal


def _visits(campaign):
    clicks = Click.objects.filter(kind="human", link__content__campaign=campaign)
    return clicks.order_by("at", "id")
