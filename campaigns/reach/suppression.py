"""Which groups of people a report may tell about. Pure: numbers in, groups out, no database.

A figure is shown when, as far as the report tells, it could be about any of at least `minimum`
people (settings.MINIMUM_GROUP, never under 5). Subtraction is part of what the report tells, so a
rule on single figures is not enough. The rules, each with its reason:

1. A group with fewer people than the minimum is hidden, with all its figures, zero included.
2. What is hidden must be hidden among others. The total is shown, so one hidden group would be
   "total minus the rest": the smallest shown groups join it until those hidden together have the
   minimum of people (complementary suppression). A group nobody ever joined has no figures; it
   needs nobody's company.
3. Who is hidden depends on the group and the day alone, never on what else is asked. Were it
   decided per view, a filter that hides {A, B} and one that hides {A, C} would give A away.
   It is decided from the head count that was kept on each day, and a group is told about in a
   period only when it was open on every day of it: then 28 days minus 27 days is a day on which
   the group was open, and any sum of published figures holds the hidden groups of a day all
   together or not at all. That is also the proof; a test plays the attacker against it.
4. One filter about people at a time, and nothing beside it: inside a department a network, a
   language or a campaign would soon be one person, and a campaign may be meant for some
   departments only, which makes it a second name for them.
5. A campaign meant for fewer people than the minimum, or only for hidden groups, is such a second
   name. It is left out of every figure, totals too, so that no difference can show it.
6. A network is told about once the minimum of people have ever opened it with a link of theirs
   (rules 1 and 2 with those people). "Ever", so that the same are hidden whatever is asked.
7. What people chose to say about the size of their audience is rounded, never told by department,
   and never for fewer people than the minimum: see reach/audience.py.

What this cannot know: what a reader already knows. Somebody in one of two groups hidden together
knows their own figures. That is why the minimum counts people, and why managers never see names.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

Group = TypeVar("Group")


class Reason(StrEnum):
    SMALL = "small"  # too few people
    NEIGHBOUR = "neighbour"  # enough, but it would give a small one away


Hidden = dict[Group, Reason]


def hide(
    sizes: Mapping[Group, int],
    minimum: int,
    empty: Collection[Group] = (),
    together: Callable[[Collection[Group]], int] | None = None,
) -> Hidden:
    """Which groups of a whole stay hidden, and why.

    sizes: people in each group; together they are the whole, whose figures are shown. Of groups of
    one size the first given is hidden first: give them in an order that never changes.
    empty: groups that never had anybody, and so have no figures at all.
    together: people in several groups, where one person may be in more than one; else the sum.
    """
    together = together or (lambda groups: sum(sizes[group] for group in groups))
    small = {group for group, size in sizes.items() if size < minimum}
    among = [group for group in sizes if group in small and group not in empty]
    if not among:
        return dict.fromkeys(small, Reason.SMALL)
    hidden = dict.fromkeys(small, Reason.SMALL)
    for group in sorted((group for group in sizes if group not in small), key=sizes.__getitem__):
        if together(among) >= minimum:
            break
        among.append(group)
        hidden[group] = Reason.NEIGHBOUR
    return hidden


def hide_on_any(days: Iterable[Hidden]) -> Hidden:
    """The groups hidden on at least one of the days. "Too few" says more than "neighbour"."""
    hidden: Hidden = {}
    for day in days:
        for group, reason in day.items():
            if hidden.get(group) is not Reason.SMALL:
                hidden[group] = reason
    return hidden
