"""The states a campaign goes through, as the line of steps at the top of its sheet."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.planning.models import Campaign

State = Campaign.State
LINE = (State.DRAFT, State.IN_REVIEW, State.APPROVED, State.SCHEDULED, State.RUNNING, State.ENDED)
# Where on the line a state stands that is not on it.
BESIDE = {State.PAUSED: State.RUNNING, State.ARCHIVED: State.ENDED}


@dataclass(frozen=True)
class Stop:
    """One state; `on` is the day that goes with it, when one does."""

    label: str
    is_past: bool
    is_now: bool
    on: datetime | None


def path_of(campaign: Campaign) -> list[Stop]:
    """The whole line, with the state it is in under that state's own name."""
    here = LINE.index(BESIDE.get(campaign.state, campaign.state))
    return [
        Stop(
            label=campaign.get_state_display() if position == here else state.label,
            is_past=position < here,
            is_now=position == here,
            on=_day(campaign, state),
        )
        for position, state in enumerate(LINE)
    ]


def _day(campaign, state):
    if state == State.RUNNING:
        return campaign.launched_at or campaign.starts_at
    return campaign.ends_at if state == State.ENDED else None
