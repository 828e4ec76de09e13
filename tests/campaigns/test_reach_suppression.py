"""The rules that keep small groups out of sight, and an attacker who tries to undo them."""

from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.reach.suppression import Reason, hide, hide_on_any

MINIMUM = 5


def test_a_group_of_four_is_hidden_and_one_of_five_is_not():
    assert hide({"a": 4, "b": 4, "c": 5}, MINIMUM) == {"a": Reason.SMALL, "b": Reason.SMALL}


def test_a_lone_small_group_takes_the_smallest_of_the_others_with_it():
    hidden = hide({"a": 4, "b": 60, "c": 6, "d": 31}, MINIMUM)
    assert hidden == {"a": Reason.SMALL, "c": Reason.NEIGHBOUR}


def test_small_groups_that_are_few_people_together_take_a_neighbour_too():
    assert "c" in hide({"a": 1, "b": 2, "c": 6, "d": 31}, MINIMUM)


def test_a_group_whose_complement_is_small_is_hidden_with_it():
    assert hide({"a": 100, "b": 3}, MINIMUM).keys() == {"a", "b"}


def test_a_group_nobody_ever_joined_needs_no_company():
    assert hide({"a": 0, "b": 60}, MINIMUM, empty={"a"}) == {"a": Reason.SMALL}


def test_a_group_that_everybody_left_still_has_figures_to_hide():
    assert hide({"a": 0, "b": 60, "c": 90}, MINIMUM).keys() == {"a", "b"}


def test_of_two_groups_of_one_size_the_first_given_is_hidden():
    assert hide({"a": 3, "b": 8, "c": 8}, MINIMUM).keys() == {"a", "b"}


def test_the_same_three_people_in_two_groups_are_three_people():
    members = {"a": {1, 2, 3}, "b": {1, 2, 3}, "c": {4, 5, 6, 7, 8}, "d": set(range(90))}
    sizes = {group: len(people) for group, people in members.items()}
    together = lambda groups: len(set().union(*(members[g] for g in groups)))  # noqa: E731
    assert "c" in hide(sizes, MINIMUM, together=together)
    assert "c" not in hide(sizes, MINIMUM)


def test_nothing_is_hidden_where_every_group_is_large():
    assert hide({"a": 5, "b": 500}, MINIMUM) == {}


def test_a_group_hidden_on_one_day_is_hidden_over_the_period():
    days = [
        {},
        {"a": Reason.NEIGHBOUR},
        {"a": Reason.SMALL, "b": Reason.NEIGHBOUR},
        {"a": Reason.NEIGHBOUR},
    ]
    assert hide_on_any(days) == {"a": Reason.SMALL, "b": Reason.NEIGHBOUR}


sizes = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), min_size=1)


@given(sizes)
def test_no_group_under_the_minimum_is_ever_shown(groups):
    hidden = hide(groups, MINIMUM)
    assert all(size >= MINIMUM for group, size in groups.items() if group not in hidden)


@given(sizes)
def test_what_is_hidden_together_is_many_people_or_is_everybody(groups):
    hidden = hide(groups, MINIMUM)
    people = sum(groups[group] for group in hidden)
    assert not hidden or people >= MINIMUM or hidden.keys() == groups.keys()


# --- The attacker ----------------------------------------------------------------------------
def reduced(rows):
    """The rows in echelon form, exactly: {column of the first non-zero: row}."""
    basis = {}
    for row in rows:
        row = remainder(basis, row)
        lead = next((column for column, value in enumerate(row) if value), None)
        if lead is not None:
            basis[lead] = [Fraction(value, row[lead]) for value in row]
    return basis


def remainder(basis, row):
    row = list(row)
    for lead in sorted(basis):
        if row[lead]:
            factor = row[lead]
            row = [value - factor * other for value, other in zip(row, basis[lead], strict=True)]
    return row


class Attacker:
    """Knows every published figure, and adds and subtracts them as they please."""

    def __init__(self, published):
        self.basis = reduced(published)

    def can_solve(self, wanted):
        """Whether `wanted` is a sum of published figures, each times some number."""
        return not any(remainder(self.basis, wanted))


def spans(days):
    return [range(a, b + 1) for a in range(days) for b in range(a, days)]


companies = st.integers(2, 5).flatmap(
    lambda groups: st.lists(
        st.lists(st.integers(0, 9), min_size=groups, max_size=groups), min_size=1, max_size=4
    )
)


def views(company):
    """Every figure an attacker may ask for: all, or a group that is open, over any span of days.

    company: for each day the people in each group. A figure is written as the cells
    (day x group) it is the sum of.
    """
    days, groups = len(company), range(len(company[0]))
    hidden = [hide(dict(enumerate(sizes)), MINIMUM) for sizes in company]
    for span in spans(days):
        closed = hide_on_any([*(hidden[day] for day in span), hidden[-1]])
        yield cells(span, groups, company)
        for group in groups:
            if group not in closed:
                yield cells(span, [group], company)


def cells(span, groups, company):
    width = len(company[0])
    vector = [0] * (len(company) * width)
    for day in span:
        for group in groups:
            vector[day * width + group] = 1
    return vector


def thin(sizes):
    """Every set of groups that together has fewer people than may be told about."""
    groups = range(len(sizes))
    for number in range(1, len(sizes)):
        for some in combinations(groups, number):
            if sum(sizes[group] for group in some) < MINIMUM:
                yield some


@settings(max_examples=300, deadline=None)
@given(companies.filter(lambda company: all(sum(sizes) >= MINIMUM for sizes in company)))
def test_no_sum_or_difference_of_views_gives_a_small_group_away(company):
    attacker = Attacker(views(company))
    for span in spans(len(company)):
        for day in span:
            for some in thin(company[day]):
                assert not attacker.can_solve(cells(span, some, company))


def test_the_attacker_is_able_to_win_when_only_small_groups_are_hidden():
    company = [[3, 20, 30]]
    published = [cells([0], [0, 1, 2], company), cells([0], [1], company), cells([0], [2], company)]
    assert Attacker(published).can_solve(cells([0], [0], company))


def test_the_attacker_is_able_to_win_when_each_view_hides_by_itself():
    # Group 0 is small on both days; its neighbour is group 1 on the first, group 2 on both together.
    company = [[3, 6, 9], [3, 9, 6]]
    published = [cells([0], [0, 1, 2], company), cells([0], [2], company)]
    published += [cells([0, 1], [1], company), cells([1], [1], company)]
    assert Attacker(published).can_solve(cells([0], [0], company))
