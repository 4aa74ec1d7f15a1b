"""What Celery runs for what people decided to forget."""

from celery import shared_task

from tformance.curation import forgetting, removing


@shared_task(name="tformance.project.search_for_erased", expires=30)
def search_for_erased() -> None:
    """Who was erased is taken out of what is stored."""
    forgetting.go_on()


@shared_task(name="tformance.project.delete_asked", expires=30)
def delete_asked() -> None:
    """Teams, and what was read, where somebody asked for it."""
    removing.go_on()
