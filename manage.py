#!/usr/bin/env python
"""Django's command line, with the embedded servers provided first where no others are named."""

import os
import sys
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "micic_portal.settings")
    from micic_portal.embedded.commandline import prepare_environment

    prepare_environment(sys.argv, Path(__file__).resolve().parent)

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
