"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from micic_portal.collecting import collect_seldom

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
application = get_wsgi_application()
collect_seldom()
