"""What came of visits on a campaign's own site: the last step, where it was said what counts."""

from campaigns.reach.ground import Change, Ground
from campaigns.reach.scope import Scope, on_days


def conversions_of(ground: Ground) -> Change | None:
    """Conversions in the days of a report; None where nothing asked about ever had a goal.

    The same rules hide them that hide visits: they are asked of the same scope.
    """
    scope = ground.scope
    if not scope.goals.exists():
        return None
    other = ground.beside.scope if ground.beside else None
    before = _sum(other, other.period) if other else _sum(scope, scope.compared)
    return ground.change(_sum(scope, scope.period), before)


def _sum(scope: Scope, period) -> int:
    return scope.conversions.filter(on_days(period)).total()
