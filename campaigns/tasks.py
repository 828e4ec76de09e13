"""Hub: Celery finds `campaigns.tasks` only, so every slice with tasks is named here."""

from campaigns.approval.tasks import remind_approvers
from campaigns.content.tasks import drop_composer_drafts, look_at_claims, move_due_content
from campaigns.conversions.tasks import drop_old_conversions, settle_conversions
from campaigns.home.tasks import send_due_briefs, tell_owners
from campaigns.planning.tasks import move_due_campaigns
from campaigns.reach.tasks import count_heads, drop_old_snapshots, send_due_reports
from campaigns.sharing.tasks import (
    ask_recalled_again,
    remind_of_campaigns,
    send_due_digests,
    send_due_reminders,
)
from campaigns.sources.tasks import (
    check_links,
    read_due_sources,
    read_source,
    sweep_pictures,
    tell_proposers,
)
from campaigns.tracking.tasks import (
    drop_old_clicks,
    drop_old_salts,
    ensure_partitions,
    recheck_clicks,
)

__all__ = [
    "ask_recalled_again",
    "check_links",
    "count_heads",
    "drop_composer_drafts",
    "drop_old_clicks",
    "drop_old_conversions",
    "drop_old_salts",
    "drop_old_snapshots",
    "ensure_partitions",
    "look_at_claims",
    "move_due_campaigns",
    "move_due_content",
    "read_due_sources",
    "read_source",
    "recheck_clicks",
    "remind_approvers",
    "remind_of_campaigns",
    "send_due_briefs",
    "send_due_digests",
    "send_due_reminders",
    "send_due_reports",
    "settle_conversions",
    "sweep_pictures",
    "tell_owners",
    "tell_proposers",
]
