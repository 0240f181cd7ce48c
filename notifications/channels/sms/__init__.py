from django.utils.translation import gettext_lazy as _

LABEL = _("Text message")
ORDER = 20
