"""Mail services with an HTTP interface of their own: all that django-anymail knows.

Each provider's options are handed to anymail's backend as its settings, so that two of one kind
may stand side by side and no setting is shared. anymail's exceptions quote the recipient and the
service's words: they are read here, and never logged, kept or raised further.
"""
