"""Customers who speak of the organisation: invited by their address, never part of the directory.

They have a charter and a disclosure line of their own, see only what a campaign asks customers,
and nothing of the company's people, departments or figures.
"""

import csv
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from activity.log import record
from ambassadors.accounts.models import User
from ambassadors.accounts.policy import permission_required
from ambassadors.accounts.roles import Belonging
from ambassadors.enrolment.models import Invitation
from ambassadors.enrolment.people import PAGE, STANDINGS, with_standing

MOST = 1000
BYTES = 200_000
LANGUAGES = dict(settings.LANGUAGES)


@dataclass(frozen=True)
class Line:
    email: str
    first_name: str = ""
    last_name: str = ""
    language: str = settings.LANGUAGE_CODE


def read_lines(text: str) -> list[Line]:
    """A line each: address, first name, last name, language. Raises ValidationError with its line.

    Commas, semicolons and tabs all part; a first line without an address is a heading.
    """
    rows = [row.replace(";", ",").replace("\t", ",") for row in text.splitlines()]
    lines, wrong = [], []
    for number, cells in enumerate(csv.reader(rows), start=1):
        cells = [cell.strip() for cell in cells]
        if not any(cells) or (number == 1 and "@" not in cells[0]):
            continue
        try:
            validate_email(cells[0])
        except ValidationError:
            wrong.append(number)
        else:
            lines.append(_line(*cells[:4]))
    if wrong:
        numbers = ", ".join(map(str, wrong[:20]))
        raise ValidationError(_("No e-mail address in line %(n)s."), params={"n": numbers})
    return list({line.email: line for line in lines}.values())


def _line(email, first_name="", last_name="", language=""):
    code = language.lower()[:2]
    return Line(
        User.objects.normalize_email(email),
        first_name[:150],
        last_name[:150],
        code if code in LANGUAGES else settings.LANGUAGE_CODE,
    )


class CustomersForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Customers to invite"),
        help_text=gettext_lazy(
            "One to a line: address, first name, last name, language (fr or en). Only the address"
            " is needed. Ask them first: an invitation is mail they did not ask for."
        ),
        widget=forms.Textarea({"rows": 6}),
        required=False,
        max_length=BYTES,
    )
    file = forms.FileField(
        label=gettext_lazy("Or a CSV file of the same"),
        required=False,
        widget=forms.FileInput({"accept": ".csv,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if file.size > BYTES:
            raise ValidationError(_("The file is too large: 200 KB at most."))
        try:
            return file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ValidationError(_("The file must be in UTF-8.")) from None

    def clean(self):
        data = super().clean()
        lines = read_lines("\n".join([data.get("text") or "", data.get("file") or ""]))
        if not lines and not self.errors:
            raise ValidationError(_("Type at least one address."))
        if len(lines) > MOST:
            raise ValidationError(_("At most 1,000 at a time."))
        self.lines = lines
        return data


def invite(lines: list[Line], by: User) -> int:
    """Invites those who are not here yet; gives how many. Colleagues and members are left alone."""
    users = User.objects.filter(email__in=[line.email for line in lines])
    known = set(users.values_list("email", flat=True))
    # Whoever was asked before hears of it again only by asking for a new link.
    new = [line for line in lines if line.email not in known]
    for line in new:
        _invite(line, by)
    return len(new)


@transaction.atomic
def _invite(line, by):
    user = User.objects.create_user(
        line.email,
        first_name=line.first_name,
        last_name=line.last_name,
        language=line.language,
        belonging=Belonging.CUSTOMER,
    )
    record("customer.added", subject=user, actor=by)
    Invitation.send(user, by=by)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("ambassadors.invite_customers")
def customer_list(request):
    """Who was invited and who takes part; as with employees, never who said no."""
    form = CustomersForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        n = invite(form.lines, by=request.user)
        said = ngettext("%(n)d customer invited.", "%(n)d customers invited.", n) % {"n": n}
        messages.success(request, f"{said} {_('Addresses known already were left alone.')}")
        return redirect("ambassadors:customer-list")
    customers = with_standing(User.objects.active().customers())
    page = Paginator(customers, PAGE).get_page(request.GET.get("page"))
    for user in page:
        user.standing_name = STANDINGS[user.standing]
    context = {"form": form, "page": page}
    status = 422 if form.errors else 200
    return render(request, "ambassadors/customer_list.html", context, status=status)
