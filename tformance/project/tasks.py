"""What Celery runs for what people decided to forget."""

from celery import shared_task

from tformance.curation import forgetting, removing


@shared_task(name="tformance.project.forget", expires=30)
def forget() -> None:
    """Texts are searched for who was erased, and what was asked to be deleted is."""
    forgetting.go_on()
    removing.go_on()
