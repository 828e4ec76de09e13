"""Each mail as a picture: in both languages, on a screen and on a phone, by day and by night."""

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

WIDTHS = {"wide": 720, "narrow": 375}
SCHEMES = ("light", "dark")


def draw(browser, letters: dict[tuple[str, str], str], folder: Path) -> None:
    """browser: Playwright's. letters: {(name, language): HTML}. Nothing but our files is asked."""
    folder.mkdir(parents=True, exist_ok=True)
    for width, pixels in WIDTHS.items():
        for scheme in SCHEMES:
            page = browser.new_page(viewport={"width": pixels, "height": 600}, color_scheme=scheme)
            page.route("**/*", _serve)
            for (name, language), html in letters.items():
                page.set_content(html, wait_until="load")
                name_of_file = f"{name}-{language}-{width}-{scheme}.png"
                page.screenshot(path=folder / name_of_file, full_page=True)
            page.close()


def _serve(route):
    """Our own pictures, from where they lie; without a product that runs."""
    path = urlsplit(route.request.url).path
    for prefix, root in (
        (settings.STATIC_URL, "static"),
        (settings.MEDIA_URL, settings.MEDIA_ROOT),
    ):
        inside = Path(settings.BASE_DIR, root) / path.removeprefix(prefix)
        if path.startswith(prefix) and inside.is_file():
            kind = mimetypes.guess_type(inside.name)[0]
            return route.fulfill(body=inside.read_bytes(), content_type=kind)
    return route.abort()
