import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored(settings):
    def keep(name, data=b"\xff\xd8\xff"):
        FileSystemStorage(location=settings.MEDIA_ROOT).save(name, ContentFile(data))

    return keep


def test_a_network_can_fetch_a_picture_without_a_login(client, stored):
    stored("content/a1.jpg")
    answer = client.get("/media/content/a1.jpg")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "session" not in answer.cookies


@pytest.mark.parametrize(
    "path", ["../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "none.jpg"]
)
def test_nothing_but_the_pictures_is_served(client, stored, path):
    stored("secret.txt", b"salaries")
    assert client.get(f"/media/content/{path}").status_code in {302, 404}
