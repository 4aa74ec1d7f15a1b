from playwright.sync_api import ConsoleMessage, Page


class Problems:
    """What a browser complains about while a page is used."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(message.text)
