import pytest

from activity.outside import client
from activity.transports import smtp
from tests.activity.post_office import open_post_office


@pytest.fixture
def secure(outside, monkeypatch):
    """Sites with TLS whose authority this machine trusts, for as long as a test lasts."""
    client.trust.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", outside.authority_file)
    yield outside.secure_site
    client.trust.cache_clear()


@pytest.fixture
def post_office(settings):
    """A mail server of this test's own; the product sends there."""
    office, controller = open_post_office()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    yield office
    smtp.line.hang_up()
    controller.stop()
