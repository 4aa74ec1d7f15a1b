from playwright.sync_api import ConsoleMessage, Dialog, Page

REFUSED_FORM = "status of 422"  # the browser logs a page that shows a form again as if it were missing


class Problems:
    """What a browser complains about while a page is used, but for answers with an `expected` status."""

    def __init__(self, page: Page, *expected: int) -> None:
        self.found: list[str] = []
        self.expected = (REFUSED_FORM, *(f"status of {status}" for status in expected))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in self.expected):
            self.found.append(message.text)

    def _dialog(self, dialog: Dialog) -> None:
        self.found.append(f"a dialog says {dialog.message}")
        dialog.dismiss()
