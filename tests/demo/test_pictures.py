"""docs/screens shows what `make pictures` makes; how each looks is for people to judge."""

from demo import pictures


def test_the_gallery_holds_the_pictures_the_command_makes():
    made = {file for screen in pictures.SCREENS for file in screen.files()}
    assert {path.name for path in pictures.FOLDER.iterdir()} == {*made, "README.md"}


def test_the_gallery_says_of_every_picture_what_it_shows():
    assert pictures.GALLERY.read_text() == pictures.gallery()
