"""What the home pages hold about people: who said thanks."""

from django.utils.translation import gettext_lazy as _

from ambassadors.privacy.holdings import WORK
from ambassadors.privacy.registry import hold
from campaigns.home.board import BoardSetting
from campaigns.home.thanks import Thanks

hold(Thanks, "by", WORK, _("Thanks you wrote"), only=("text_fr", "text_en", "at"))
hold(BoardSetting, "changed_by", WORK, _("The setting you last changed"), only=("changed_at",))
