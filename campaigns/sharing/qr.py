"""An address as a QR code to print or to show: SVG, or PNG for what takes no drawings."""

import io

import segno
from django.http import HttpResponse
from django.utils.translation import gettext as _

# A third of it may be torn, wet or covered: it hangs on a door for months.
ERROR = "h"
# In modules. Readers look for it; without, a code on a dark poster is none.
QUIET_ZONE = 4
# Pixels for a module: an address of ours comes out at about a thousand, 8 cm at 300 dots an inch.
SCALE = 24
KINDS = {"svg": "image/svg+xml", "png": "image/png"}


def drawing(url: str, title: str, kind: str) -> bytes:
    """`url` in black on white, as a file of `kind`, a key of KINDS. title: what an SVG is called.

    White is drawn too, and not left out: the paper may have any colour.
    """
    code = segno.make_qr(url, error=ERROR)
    file, how = io.BytesIO(), {"border": QUIET_ZONE, "dark": "#000", "light": "#fff"}
    if kind == "svg":
        # A module is a millimetre, until somebody draws it larger.
        code.save(file, kind="svg", title=title, unit="mm", scale=1, **how)
    else:
        code.save(file, kind="png", scale=SCALE, **how)
    return file.getvalue()


def answer(url: str, *, said: str, name: str, kind: str) -> HttpResponse:
    """The code as a file to keep. said: the address in words; name: the file's, without ending."""
    title = _("QR code: %(address)s") % {"address": said}
    response = HttpResponse(drawing(url, title, kind), content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response
