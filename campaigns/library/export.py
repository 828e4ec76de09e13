"""The items found, as a file that can also be read back in."""

from collections import Counter, defaultdict

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from activity.log import record
from activity.spreadsheet import Sheet, csv_response, xlsx_response
from ambassadors.accounts.policy import permission_required
from campaigns.content.models import Content
from campaigns.library.columns import COLUMNS, Place
from campaigns.library.filters import LibraryFilter
from campaigns.networks.models import Network
from campaigns.planning.aimed import meant_for_few


@require_GET
@permission_required("campaigns.export_library")
def content_export(request, format):
    """Everything that the address of the list asks for, whatever its page."""
    if format not in {"csv", "xlsx"}:
        raise Http404
    form, few = LibraryFilter(request.GET, user=request.user), meant_for_few()
    found = form.found(Content.objects.visible_to(request.user), few)
    found = found.select_related("campaign", "author").prefetch_related(
        "topics", "captions__network"
    )
    contents = list(found)
    # Which filters, and not what was typed into them: words may be somebody's name.
    asked = sorted(form.chosen)
    record(
        "library.exported",
        subject=request.user,
        actor=request.user,
        format=format,
        items=len(contents),
        filters=asked,
    )
    name = f"library-{timezone.localdate()}"
    sheet = sheet_of(contents, few)
    return xlsx_response([sheet], name) if format == "xlsx" else csv_response(sheet, name)


def sheet_of(contents: list[Content], few=()) -> Sheet:
    """What one writes of an item, its texts, then what became of it.

    contents: with `shares`; those of campaigns (keys) in `few` are not told.
    """
    texts = [_texts_of(content) for content in contents]
    places = _places(texts)
    header = [
        *(column.label for column in COLUMNS.values()),
        *(place.header(n) for place, most in places for n in range(1, most + 1)),
        *(_("Status"), _("Author"), _("Published on"), _("Changed"), _("Shares")),
    ]
    rows = (_row(content, said, places, few) for content, said in zip(contents, texts, strict=True))
    return Sheet(_("Library"), header, rows)


def template_sheet() -> Sheet:
    """An empty file to fill in: every column, and two texts for the first networks."""
    networks = Network.objects.available()[:3]
    texts = [Place(network, language) for network in networks for language in ("fr", "en")]
    header = [column.label for column in COLUMNS.values()]
    return Sheet(_("Library"), [*header, *(place.header(1) for place in texts)], [])


def explanation_sheet() -> Sheet:
    """What goes into each column, for whoever fills the file in."""
    rows = [[str(column.label), str(column.about)] for column in COLUMNS.values()]
    rows.append([
        # Translators: fr: LinkedIn (français)…
        _("LinkedIn (French)…"),
        _("A suggested text. A number after it makes up to five for each network and language."),
    ])  # fmt: skip
    return Sheet(_("What goes where"), [_("Column"), _("What goes into it")], rows)


def _texts_of(content):
    texts = defaultdict(list)
    for caption in content.captions.all():
        texts[Place(caption.network, caption.language)].append(caption.text)
    return texts


def _places(texts):
    """Each place that a text is for, and how many columns it needs, in the networks' order."""
    most = Counter()
    for said in texts:
        for place, some in said.items():
            most[place] = max(most[place], len(some))
    return sorted(most.items(), key=lambda item: (item[0].network.position, item[0].language))


def _row(content, texts, places, few):
    shares = _("Hidden") if content.campaign_id in few else content.shares
    last_day = timezone.localdate(content.expires_at) if content.expires_at else _("evergreen")
    return [
        content.url,
        content.title,
        content.why,
        content.language,
        str(content.campaign),
        ", ".join(str(topic) for topic in content.topics.all()),
        last_day,
        content.image_alt,
        content.disclosure_fr,
        content.disclosure_en,
        content.note,
        *(text for place, most in places for text in _filled(texts.get(place, []), most)),
        content.get_status_display(),
        str(content.author),
        content.published_at,
        content.changed_at,
        shares,
    ]


def _filled(texts, most):
    return [*texts, *[""] * (most - len(texts))]
