from django.utils.translation import gettext_lazy as _

LABEL = _("Browser notification")
ORDER = 30
