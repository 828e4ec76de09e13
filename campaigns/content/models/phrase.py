from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.log import record
from campaigns.content.asking import asks_for_reviews
from campaigns.content.matching import holds, readings, words_in


class Forbidden(Exception):
    """A text holds what no post may hold. `reasons`: why, each a sentence for whoever wrote it."""

    def __init__(self, reasons):
        super().__init__(reasons)
        self.reasons = reasons


class PhraseQuerySet(models.QuerySet):
    def found_in(self, *texts):
        """Those that stand in one of `texts`, as whole words. One query."""
        read = [reading for text in texts for reading in readings(text)]
        return [phrase for phrase in self if any(holds(one, phrase.words) for one in read)]


class Phrase(models.Model):
    """Words no post of the programme may hold, and what to say instead."""

    text = models.CharField(gettext_lazy("word or phrase"), max_length=80, unique=True)
    instead = models.CharField(
        gettext_lazy("why, or what to say instead"), max_length=200, blank=True
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        ordering = ["text"]

    def __str__(self):
        return self.text

    @property
    def words(self):
        return words_in(self.text)

    @property
    def objection(self):
        """What is said to whoever wrote it."""
        if self.instead:
            said = {"phrase": self.text, "instead": self.instead}
            # Translators: fr: Ne pas écrire «%(phrase)s». %(instead)s
            return _("“%(phrase)s” is not to be used. %(instead)s") % said
        return _("“%(phrase)s” is not to be used.") % {"phrase": self.text}

    def clean(self):
        super().clean()
        if not self.words:
            raise ValidationError({"text": _("Write at least one word.")})
        twins = [p for p in Phrase.objects.exclude(pk=self.pk) if p.words == self.words]
        if twins:
            text = _("It is there already, as “%(phrase)s”.") % {"phrase": twins[0]}
            raise ValidationError({"text": text})

    def add(self, by):
        """From now on no text with it is submitted, rewritten or shared."""
        self.added_by = by
        self.save(force_insert=True)
        record("phrase.added", subject=self, actor=by, text=self.text)

    def remove(self, by):
        record("phrase.removed", subject=self, actor=by, text=self.text)
        self.delete()


def objections(*texts: str, url: str = "", phrases: Iterable[Phrase] | None = None) -> list[str]:
    """Why a post of these texts about the page at `url` must not go out; empty when it may.

    phrases: those found already, where many texts are asked about. One query without them.
    """
    found = Phrase.objects.all().found_in(*texts) if phrases is None else phrases
    said = [phrase.objection for phrase in found]
    if asks_for_reviews(texts, url):
        said.append(
            # Translators: fr: Un message du programme ne demande ni avis ni étoiles: …
            _(
                "A post of the programme does not ask for reviews or stars, nor lead to a site "
                "that collects them: from employees they would mislead its readers."
            )
        )
    return said


def check_words(*texts: str, url: str = "") -> None:
    """Raises Forbidden when a post of these texts must not go out."""
    if said := objections(*texts, url=url):
        raise Forbidden(said)
