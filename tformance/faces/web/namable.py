"""Paths that can name something."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


def namable(get_response: Answer) -> Answer:
    """Middleware: the database holds no NUL, so a path with one names nothing there is."""

    def answer(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404
        return get_response(request)

    return answer
