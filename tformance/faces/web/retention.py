"""How long things are kept: what was read, and who looked at whom."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.accounts import retention
from tformance.accounts.tenancy import tenant
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor
from tformance.facts.retiring import old_pulls

YEARS: Final = (1, 2, 3, 5, 7, 10)
MONTHS: Final = (3, 6, 12, 24, 36, 60)


class RetentionForm(forms.Form):
    years = forms.TypedChoiceField(
        label="Pull requests and everything under them",
        choices=[
            ("", "For ever"),
            *((each, f"{each} year{'s' if each > 1 else ''} after they were closed") for each in YEARS),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    months = forms.TypedChoiceField(
        label="Who looked at whose page", choices=[(each, f"{each} months") for each in MONTHS], coerce=int
    )
    agreed = forms.BooleanField(
        label="Delete what is older within the hour. It is not read again, even if it is kept for longer later.",
        required=False,
    )

    def __init__(self, given: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=given)
        self.given = given
        for name in ("years", "months"):
            self.fields[name].widget.attrs["class"] = "select w-full"

    def clean(self) -> None:
        """What shortens a time deletes something."""
        told = self.cleaned_data
        forever = max(YEARS) + 1
        years = (told.get("years") or forever) < (self.given["years"] or forever)
        if (years or told.get("months", 0) < self.given["months"]) and not told.get("agreed") and not self.errors:
            self.add_error("agreed", "Something would be deleted for good: say that it may be.")


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    team = place.team
    given = {"years": team.keep_years, "months": team.keep_looks_months}
    form = RetentionForm(given, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        is_news = retention.change(visitor(request), team.pk, form.cleaned_data["years"], form.cleaned_data["months"])
        messages.success(request, "Saved." if is_news else "This was so already: nothing changed.")
        return redirect("retention", team.slug)
    with tenant(team.pk):
        would_go = [(years, old_pulls(retention.start_of(years))) for years in YEARS]
    context = {"form": form, "would_go": [row for row in would_go if row[1]]}
    status = 422 if form.is_bound else 200
    return settings_html(request, place, "web/settings_retention.html", context, here="retention", status=status)
