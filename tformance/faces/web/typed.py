"""A form that asks for a name to be typed, so that nothing that cannot be undone happens by a slip."""

from typing import Any

from django import forms


class TypedForm(forms.Form):
    """Valid when exactly `expected` was typed."""

    typed = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "input w-full"}),
    )

    def __init__(self, expected: str, data: Any = None, *, name: str = "confirm") -> None:
        super().__init__(data, auto_id=f"{name}_%s")
        self.expected = " ".join(expected.split())
        self.fields["typed"].label = f"Type {self.expected} to confirm"

    def clean_typed(self) -> str:
        typed = " ".join(str(self.cleaned_data["typed"]).split())
        if typed != self.expected:
            raise forms.ValidationError(f"This is not “{self.expected}”: type it exactly as it stands here.")
        return typed
