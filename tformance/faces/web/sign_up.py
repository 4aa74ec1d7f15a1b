"""The form in which somebody makes an account."""

from typing import Any

from allauth.account.forms import SignupForm
from allauth.core import context
from django import forms
from django.http import HttpRequest

from tformance.faces.web import invited


class SignUpForm(SignupForm):
    """Whoever is invited signs up with that address."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        required=False,
        help_text="As others see you. You can change it later.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invited.invitation_of(context.request)
        if self.invitation is not None:
            self.initial["email"] = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True
            self.fields["email"].help_text = f"The invitation to {self.invitation.team} is for this address."

    def clean_email(self) -> str:
        email = str(super().clean_email())
        if self.invitation is not None and self.invitation.email.lower() != email.lower():
            raise forms.ValidationError(f"This invitation is for {self.invitation.email}.")
        return email

    def save(self, request: HttpRequest) -> Any:
        user = super().save(request)
        user.name = self.cleaned_data["name"].strip()
        user.save(update_fields=["name"])
        return user
