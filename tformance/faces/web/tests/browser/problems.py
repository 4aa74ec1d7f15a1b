from playwright.sync_api import ConsoleMessage, Page

REFUSED_FORM = "status of 422"  # the browser logs a page that shows a form again as if it were missing


class Problems:
    """What a browser complains about while a page is used."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and REFUSED_FORM not in message.text:
            self.found.append(message.text)
