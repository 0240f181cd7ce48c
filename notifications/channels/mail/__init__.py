from django.utils.translation import gettext_lazy as _

LABEL = _("Mail")
ORDER = 10
