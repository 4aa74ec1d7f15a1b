"""Runs the migrations as the owner of the tables: `python -m tformance.project.migrate`."""

import os

import django
from django.core.management import call_command

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tformance.project.settings")

if __name__ == "__main__":
    django.setup()
    call_command("migrate", database="owner", interactive=False, verbosity=0)
