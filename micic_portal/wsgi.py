"""The WSGI entry point that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
application = get_wsgi_application()

# Loaded code lives as long as the process: the collector need not walk it again and again. A page
# makes thousands of objects and hardly a cycle, so it looks for cycles every few pages.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 10, 10)
