"""Whether one wording brings more visits a share than another. Pure: numbers in, a verdict out.

What a share brings is a count that varies far more than a Poisson count would, and the shares of
one person resemble each other. So the unit is the person: an arm's mean is visits over shares, and
its variance is that of a ratio of sums over persons (the linearised ratio estimator: Cochran,
Sampling Techniques, 3rd ed., 1977, section 6.4).

People look at such a page every day, and stopping at the first significant day makes one false
winner in four. The margin is therefore an asymptotic confidence sequence, which holds on all days
together (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
asymptotic confidence sequences", Annals of Statistics 52(6), 2024, theorem 2.2). Wordings are
compared two by two, the risk shared equally among the pairs (Bonferroni).

`make bench-variants` plays 2,000 programmes in which all wordings are alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import combinations
from math import log, sqrt

RISK = 0.05
# Below these an arm is not compared: the sequence needs them to be normal enough.
LEAST_PEOPLE = 10
LEAST_SHARES = 30
LEAST_VISITS = 50
# The margin is narrowest when this many people have shared, over both arms.
TUNED_FOR = 200


@dataclass(frozen=True)
class Arm:
    """What became of one wording, as sums over the people who shared it."""

    people: int = 0
    visits: int = 0
    shares: int = 0
    # Sums of squares and products: enough for the variance of a ratio.
    visits_squared: int = 0
    shares_squared: int = 0
    visits_by_shares: int = 0

    @classmethod
    def of(cls, people: Iterable[tuple[int, int]]) -> "Arm":
        """people: (visits, shares) of each."""
        pairs = list(people)
        return cls(
            len(pairs),
            sum(visits for visits, _shares in pairs),
            sum(shares for _visits, shares in pairs),
            sum(visits * visits for visits, _shares in pairs),
            sum(shares * shares for _visits, shares in pairs),
            sum(visits * shares for visits, shares in pairs),
        )

    def __add__(self, other: "Arm") -> "Arm":
        """Both, where nobody is in both."""
        return type(self)(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def mean(self) -> float:
        """Visits a share; 0 without shares."""
        return self.visits / self.shares if self.shares else 0.0

    @property
    def variance(self) -> float:
        """Of the mean, people being independent of each other."""
        spread = (
            self.visits_squared
            - 2 * self.mean * self.visits_by_shares
            + self.mean**2 * self.shares_squared
        )
        return spread * self.people / (self.people - 1) / self.shares**2

    @property
    def missing_shares(self) -> int:
        """How many more shares before it may be compared, as far as that can be foreseen."""
        by_visits = LEAST_VISITS - self.visits
        visits = -(-by_visits // max(self.mean, 1)) if by_visits > 0 else 0
        needs = (LEAST_SHARES - self.shares, LEAST_PEOPLE - self.people, int(visits))
        return max(0, *needs)

    @property
    def is_enough(self) -> bool:
        return self.missing_shares == 0


def margin(variance: float, people: int, risk: float) -> float:
    """Half the width of a confidence sequence after `people`, at level 1 - `risk`.

    variance: of the estimate as it stands now.
    """
    tuning = (-2 * log(risk) + log(1 - 2 * log(risk))) / TUNED_FOR
    grown = people * tuning + 1
    return sqrt(variance * people * 2 * grown / (people**2 * tuning) * log(sqrt(grown) / risk))


def best(arms: Sequence[Arm]) -> int | None:
    """Which of `arms` is better than every other that can be compared; None: cannot be told."""
    enough = [i for i, arm in enumerate(arms) if arm.is_enough]
    pairs = len(enough) * (len(enough) - 1) // 2
    beaten: dict[int, set[int]] = {i: set() for i in enough}
    for i, j in combinations(enough, 2):
        gap = arms[i].mean - arms[j].mean
        people = arms[i].people + arms[j].people
        if abs(gap) > margin(arms[i].variance + arms[j].variance, people, RISK / pairs):
            beaten[i if gap > 0 else j].add(j if gap > 0 else i)
    others = len(enough) - 1
    return next((i for i in enough if others and len(beaten[i]) == others), None)
