from django.apps import AppConfig
from django.core import checks


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from privacy.checks import check_keys, check_seal_ids
        from privacy.key_marks import check_key_marks

        checks.register(check_seal_ids, checks.Tags.models)
        checks.register(check_keys, checks.Tags.security)
        checks.register(check_key_marks, checks.Tags.database)
