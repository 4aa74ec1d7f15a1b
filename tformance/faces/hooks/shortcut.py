"""The way of a message past everything that serves people: no session, no sign-in, no policy of pages."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

PREFIX: Final = "/hooks/"
Answer = Callable[[HttpRequest], HttpResponse]


def shortcut(get_response: Answer) -> Answer:
    """Middleware: answers providers itself and hands everybody else on. It stands before all others."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        match = resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response

    return answer
