import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from campaigns.content.images import MOST_BYTES, UnusableImage, make_cover

pytestmark = pytest.mark.usefixtures("in_english")


def picture(width=1600, height=1200, kind="PNG", mode="RGB", noise=False, **options):
    image = (
        Image.effect_noise((width, height), 90).convert(mode)
        if noise
        else Image.new(mode, (width, height), "teal")
    )
    data = io.BytesIO()
    image.save(data, kind, **options)
    return SimpleUploadedFile(f"photo.{kind.lower()}", data.getvalue())


def opened(cover):
    return Image.open(io.BytesIO(cover.read()))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_cover_is_a_jpeg_of_1200_by_630(kind):
    cover = opened(make_cover(picture(kind=kind)))
    assert (cover.format, cover.size, cover.mode) == ("JPEG", (1200, 630), "RGB")


def test_a_busy_picture_stays_under_300_kilobytes():
    assert make_cover(picture(2400, 1260, noise=True)).size <= MOST_BYTES


def test_where_a_photo_was_taken_is_forgotten():
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (48.0, 26.0, 0.0)
    exif[0x010F] = "Canon"
    photo = picture(kind="JPEG", exif=exif)
    assert b"Canon" in photo.read()
    photo.seek(0)
    cover = make_cover(photo).read()
    assert b"Canon" not in cover
    assert b"Exif" not in cover


def test_a_photo_held_sideways_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (1300, 700), "white")
    image.paste("black", (0, 0, 650, 700))
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif)
    cover = opened(make_cover(SimpleUploadedFile("p.jpg", data.getvalue())))
    assert cover.getpixel((600, 30)) < (60, 60, 60)
    assert cover.getpixel((600, 600)) > (200, 200, 200)


def test_transparency_becomes_white():
    clear = Image.new("RGBA", (1200, 630), (0, 0, 0, 0))
    data = io.BytesIO()
    clear.save(data, "PNG")
    cover = opened(make_cover(SimpleUploadedFile("p.png", data.getvalue())))
    assert min(cover.getpixel((5, 5))) > 250


@pytest.mark.parametrize("mode", ["P", "L", "LA", "1", "CMYK"])
def test_other_colour_modes_are_understood(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("RGB", (1200, 630), "teal").convert(mode)
    data = io.BytesIO()
    image.save(data, kind)
    assert opened(make_cover(SimpleUploadedFile("p", data.getvalue()))).mode == "RGB"


def bomb(side=50_000):
    """A few hundred bytes that announce 50,000 by 50,000 pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 5000)), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        data += struct.pack(">I", len(body)) + name + body
        data += struct.pack(">I", zlib.crc32(name + body))
    return SimpleUploadedFile("bomb.png", data)


def smaller_bomb():
    return bomb(side=6000)


def cut_short():
    return SimpleUploadedFile("half.jpg", picture(kind="JPEG", noise=True).read()[:5000])


def svg():
    return SimpleUploadedFile(
        "x.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    )


@pytest.mark.parametrize(
    ("upload", "complaint"),
    [
        (bomb, "too many pixels"),
        (smaller_bomb, "too many pixels"),
        (cut_short, "damaged"),
        (svg, "not a PNG, JPEG or WebP"),
        (lambda: picture(kind="GIF", mode="L"), "not a PNG, JPEG or WebP"),
        (lambda: picture(width=599), "too small"),
        (lambda: SimpleUploadedFile("empty.png", b""), "not a PNG, JPEG or WebP"),
    ],
)
def test_what_is_no_usable_picture_is_refused_with_the_reason(upload, complaint):
    with pytest.raises(UnusableImage, match=complaint):
        make_cover(upload())


def test_a_heavy_file_is_refused_unopened(settings):
    settings.IMAGE_MAX_BYTES = 2**20
    with pytest.raises(UnusableImage, match="over 1 MB"):
        make_cover(SimpleUploadedFile("big.png", b"\0" * (2**20 + 1)))


def test_a_file_that_is_two_things_keeps_only_the_picture():
    disguised = SimpleUploadedFile(
        "x.jpg", picture(kind="JPEG").read() + b"<script>alert(1)</script>"
    )
    assert b"<script>" not in make_cover(disguised).read()
