"""Tells whoever set a team up that its history is there, whole or with what is missing."""

import logging

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from tformance.sync import telling
from tformance.sync.telling import Letter

log = logging.getLogger(__name__)


def send_due() -> None:
    for letter in telling.due():
        try:
            _message(letter).send()
        except OSError as error:  # what a mail server answers is one too
            log.warning("the mail server refused the message about the history of team %s: %s", letter.team.pk, error)
            telling.refused(letter)
        else:
            telling.sent(letter)


def _message(letter: Letter) -> EmailMessage:
    page = reverse("connections" if letter.reason else "overview", args=[letter.team.slug])
    context = {"letter": letter, "link": letter.site.rstrip("/") + page}
    gaps = ", with gaps" if letter.reason else ""
    subject = " ".join(f"The history of {letter.team.name} is read{gaps}".split())
    text = render_to_string("web/set_up_mail.txt", context)
    return EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [letter.email])
