"""What content holds about people: who wrote, changed and decided."""

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from campaigns.content.models import Caption, Claim, ComposerDraft, Content, Phrase, Review, Version

hold(Content, "author", WORK, _("Items you wrote"), only=("title", "url", "status", "created_at"))
hold(Content, "changed_by", WORK, _("Items you last changed"), only=("title", "changed_at"))
hold(Caption, "writer", WORK, _("Texts you wrote"), only=("text", "language", "status"))
hold(Claim, "owner", WORK, _("Statements you vouch for"), only=("text", "source", "valid_until"))
hold(Phrase, "added_by", WORK, _("Words you added"), only=("text", "instead", "added_at"))
hold(Review, "reviewer", WORK, _("Decisions you made"), only=("decision", "note", "at"))
hold(Version, "by", WORK, _("Versions you handed in"), only=("number", "at", "words"))
hold(ComposerDraft, "person", WORK, _("What you typed and have not saved"), omit=("key", "base"))
