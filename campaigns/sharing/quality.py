"""What those who write the items may know of how they were received: how many, never who.

Three rules, each with its reason:

1. Declines are told in fives: "fewer than 5", "5 or more", "10 or more". An exact figure gives a
   person away by subtraction: today's less yesterday's, a campaign's less its other items', the
   total less the other reasons. Between two steps of five lie four people at least whom nothing
   tells apart. (Whoever says "not for me" themselves to find the edge learns of one more answer,
   not whose.) For the same reason zero is "fewer than 5" too.
2. In a campaign people are counted, not answers: one person who declined five items is one.
3. Of a campaign meant for fewer people than that, nothing is told.

A recall is another matter: whether a false claim still stands is a question of safety, so how many
were told and how many have answered is told from the first person on. What they answered is
theirs: it is shown from five answers up, as the results of a survey are.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q

from campaigns.content.models import Content
from campaigns.planning.aimed import meant_for_few
from campaigns.planning.models import Campaign
from campaigns.sharing.models import Decline, Recall


def in_fives(people: int) -> int:
    """The step that `people` has reached: 0 below the minimum, else a multiple of it."""
    return people - people % settings.MINIMUM_GROUP


@dataclass(frozen=True)
class Declines:
    """Who said "not for me", as steps of five; is_hidden where not even that is told.

    reasons: (words, step) of those that reached one, most frequent first.
    """

    total: int
    reasons: list[tuple[str, int]]
    is_hidden: bool = False

    @property
    def fewer_than(self):
        return settings.MINIMUM_GROUP


def declines_of(subject: Content | Campaign) -> Declines:
    """Of an item, or of all the items of a campaign. Two queries."""
    of_item = isinstance(subject, Content)
    if (subject.campaign_id if of_item else subject.pk) in meant_for_few():
        return Declines(0, [], is_hidden=True)
    declines = Decline.objects.filter(**{"content" if of_item else "content__campaign": subject})
    return _told(_people_by_reason(declines))


def _people_by_reason(declines):
    people = {
        reason: Count("ambassador", distinct=True, filter=Q(reason=reason))
        for reason in Decline.Reason.values
    }
    return declines.aggregate(total=Count("ambassador", distinct=True), **people)


def _told(people: Mapping[str, int]) -> Declines:
    steps = [(label, in_fives(people[reason])) for reason, label in Decline.Reason.choices]
    reasons = sorted((each for each in steps if each[1]), key=lambda each: -each[1])
    return Declines(in_fives(people["total"]), reasons)


@dataclass(frozen=True)
class Recalled:
    """told, answered: people. answers: (words, people), empty until enough have answered."""

    told: int
    answered: int
    answers: list[tuple[str, int]]

    @property
    def enough(self):
        return settings.MINIMUM_GROUP


def recalled(content: Content) -> Recalled | None:
    """How the recall of an item goes; None where nobody had to be told. One query."""
    people = content.recalls.aggregate(
        told=Count("pk"),
        **{answer: Count("pk", filter=Q(answer=answer)) for answer in Recall.Answer.values},
    )
    told = people.pop("told")
    if not told:
        return None
    answered = sum(people.values())
    labels = dict(Recall.Answer.choices)
    shown = answered >= settings.MINIMUM_GROUP
    answers = [(labels[answer], n) for answer, n in people.items()] if shown else []
    return Recalled(told, answered, answers)
