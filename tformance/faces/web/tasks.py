"""What Celery runs for the web pages' sake."""

from celery import shared_task

from tformance.faces.web import set_up_mail


@shared_task(name="tformance.web.tell_of_set_ups", expires=60)
def tell_of_set_ups() -> None:
    set_up_mail.send_due()
