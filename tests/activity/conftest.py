import pytest

from activity.transports import smtp
from tests.activity.post_office import open_post_office


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
