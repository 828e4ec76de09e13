"""A picture somebody uploads becomes a cover every network shows: small, plain, and ours."""

import io
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

WIDTH, HEIGHT = 1200, 630
# Below this, networks show a thumbnail instead of a large card.
LEAST_WIDTH, LEAST_HEIGHT = 600, 315
# Above this a small file is a bomb: 25 million pixels are 100 MB once opened.
MOST_PIXELS = 25_000_000
# WhatsApp leaves out the picture of a heavier page.
MOST_BYTES = 300_000
FORMATS = ("PNG", "JPEG", "WEBP")


class UnusableImage(Exception):
    """The message says what is wrong with it, in the person's language."""


def make_cover(upload: BinaryIO) -> ContentFile:
    """A 1200 x 630 JPEG under 300 kB, cut from the middle, without a trace of the file it was.

    upload: an open file with `size` in bytes. Raises UnusableImage.
    """
    if upload.size > settings.IMAGE_MAX_BYTES:
        most = settings.IMAGE_MAX_BYTES // 2**20
        raise UnusableImage(_("The picture is over %(most)d MB.") % {"most": most})
    picture = _open(upload)
    # Re-encoding drops EXIF (places, faces, serial numbers) and whatever was hidden in the file.
    cover = ImageOps.fit(picture, (WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return ContentFile(_encode(cover), name=f"{uuid4()}.jpg")


def _open(upload):
    try:
        picture = Image.open(upload, formats=FORMATS)
        _check_size(picture)
        return _flat(ImageOps.exif_transpose(_reduced(picture)))
    except UnidentifiedImageError:
        raise UnusableImage(_("This is not a PNG, JPEG or WebP picture.")) from None
    except Image.DecompressionBombError:
        raise UnusableImage(_("The picture has too many pixels.")) from None
    except (OSError, SyntaxError, ValueError):
        # What Pillow raises for a file that is cut short or lies about itself.
        raise UnusableImage(_("The picture is damaged.")) from None


def _check_size(picture):
    """Looks at the header alone: nothing is decoded before the size is known to be sane."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise UnusableImage(_("The picture has too many pixels."))
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        text = _("The picture is too small: at least %(width)d by %(height)d pixels.")
        raise UnusableImage(text % {"width": LEAST_WIDTH, "height": LEAST_HEIGHT})


def _reduced(picture):
    """Made smaller before anything else: a JPEG is then never opened at its full size."""
    if picture.mode == "P":
        picture = picture.convert("RGBA")
    picture.thumbnail((3 * WIDTH, 3 * WIDTH), Image.Resampling.LANCZOS)
    return picture


def _flat(picture):
    """Ordinary sRGB on white: no transparency, no palette, no colour profile."""
    picture = _in_srgb(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        sheet = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(sheet, picture)
    return picture.convert("RGB")


def _in_srgb(picture):
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, srgb, outputMode="RGB")
    except ImageCms.PyCMSError:
        # A broken profile costs a shade, not the picture.
        return picture


def _encode(cover):
    for quality in (88, 80, 72, 64, 56, 48, 40, 30, 20):
        data = io.BytesIO()
        cover.save(data, "JPEG", quality=quality, optimize=True, progressive=True)
        if data.tell() <= MOST_BYTES:
            break
    return data.getvalue()
