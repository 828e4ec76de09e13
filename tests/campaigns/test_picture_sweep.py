"""Pictures nobody has saved are deleted after two days; the others stay."""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from campaigns.content.forms import keep
from campaigns.content.pictures import sweep_pictures
from campaigns.models import ComposerDraft, Content
from campaigns.sources import tasks
from tests.factories import make_caption, make_content, make_manager

pytestmark = pytest.mark.django_db


def stored(days=3):
    name = default_storage.save("content/a.jpg", ContentFile(b"jpeg"))
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(default_storage.path(name), (then, then))
    return name


def sweep():
    return sweep_pictures(timezone.now())


def test_a_picture_nobody_has_saved_goes_after_two_days():
    old, young = stored(), stored(days=1)
    assert (sweep(), sweep()) == (1, 0)
    assert (default_storage.exists(old), default_storage.exists(young)) == (False, True)


def test_the_picture_of_an_item_stays():
    name = stored()
    make_content(image=name, image_alt="Une école.")
    assert sweep() == 0


def test_a_picture_of_an_earlier_version_stays():
    name = stored()
    author = make_manager()
    content = make_content(
        status="draft", published_at=None, image=name, image_alt="Une école.", author=author
    )
    make_caption(content)
    content.submit(author)
    Content.objects.update(image="")
    assert sweep() == 0


@pytest.mark.parametrize("is_done", [True, False])
def test_a_picture_of_what_is_being_written_stays_until_it_is_done(is_done):
    name, by, key = stored(), make_manager(), uuid4()
    ComposerDraft.keep(key, by=by, content=None, base=None, data={"kept": [keep(name), "x"]})
    if is_done:
        ComposerDraft.finish(key, by=by)
    assert sweep() == is_done


def test_a_storage_without_pictures_is_swept_too():
    tasks.sweep_pictures()
    tasks.sweep_pictures()
