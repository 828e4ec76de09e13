import os

from django.core.wsgi import get_wsgi_application

from config.memory import look_for_garbage_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
look_for_garbage_seldom()
