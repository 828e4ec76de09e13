"""Taking an import back: who came with it goes, what it changed is put back, if nobody touched it.

Mails that were sent stay sent, and an account that somebody used or changed stays as it is.
"""

from django.db import transaction
from django.db.models import Exists, OuterRef

from ambassadors.accounts.models import LastAdmin, User
from ambassadors.directory.imports.context import NO_MOVE, known_people
from ambassadors.directory.imports.rows import ImportChange, ImportRow
from ambassadors.directory.imports.writing import OF_USER, Units, put_back, put_back_move
from ambassadors.directory.models import Department, Location, Person

# What an import and its invitations leave with a person; anything else is somebody's own doing.
OF_THE_IMPORT = {"person", "ambassador", "invitations", "managed_people"}
PIECE = 500
Outcome = ImportChange.Outcome


def undo(source, by) -> None:
    """Goes on where an earlier worker stopped. Each piece is a transaction of its own."""
    total = source.changes.count()
    while True:
        with transaction.atomic():
            source.stay(source.Status.UNDOING)
            piece = list(source.changes.to_undo().select_related("person").order_by("-pk")[:PIECE])
            if not piece:
                _remove_units(source)
                return
            _undo_some(piece, source, by)
        source.tell_progress("undoing", source.changes.exclude(outcome="").count(), total)


def _undo_some(changes, source, by):
    now = known_people(change.person.email for change in changes)
    people = [change.person_id for change in changes if change.created]
    unused = set(_unused(people, source))
    # What goes must be counted, and it takes its own line with it: the line lets go first.
    gone = [c for c in changes if c.created and c.person_id in unused and _is_as_it_was(c, now)]
    ImportChange.objects.filter(pk__in=[change.pk for change in gone]).update(
        person=None, outcome=Outcome.UNDONE, said={}
    )
    rest = {change.pk for change in changes} - {change.pk for change in gone}
    User.objects.filter(pk__in=[change.person_id for change in gone]).delete()
    for change in changes:
        if change.pk in rest:
            whole = not change.created and _restore(change, now[change.person.email], by)
            change.outcome = Outcome.UNDONE if whole else Outcome.KEPT
            change.save(update_fields=["outcome"])


def _is_as_it_was(change, now):
    known = now[change.person.email]
    fields = {name: value for name, value in known.fields.items() if value}
    return known.active and fields == {name: pair[1] for name, pair in change.said.items()}


def _unused(people, source):
    """Of these accounts, those that nobody has opened and nothing else speaks of."""
    users = User.objects.filter(pk__in=people, last_login=None).exclude(
        ambassador__state__in=["joining", "active", "paused", "declined", "left"]
    )
    led = Person.objects.filter(manager=OuterRef("pk"))
    users = users.filter(~Exists(led.exclude(user__in=source.changes.came().values("person"))))
    for relation in User._meta.related_objects:
        if _is_the_imports(relation):
            continue
        field = relation.field.name
        users = users.filter(
            ~Exists(relation.related_model.objects.filter(**{field: OuterRef("pk")}))
        )
    return users.values_list("pk", flat=True)


def _is_the_imports(relation):
    return relation.related_model in {ImportRow, ImportChange} or (
        relation.get_accessor_name() in OF_THE_IMPORT
    )


def _restore(change, known, by):
    """Puts back what is still as the import left it. True when that was all of it."""
    now = known.fields | {"is_active": known.active}
    still = {name: pair[0] for name, pair in change.said.items() if now.get(name) == pair[1]}
    whole = len(still) == len(change.said)
    try:
        with transaction.atomic():
            plan = {name: still.pop(name) for name in NO_MOVE if name in still}
            if plan:
                put_back_move(change.person, known.fields | plan)
            _put_back(change.person, dict(still), by)
    except LastAdmin:
        return False
    return whole


def _put_back(user, fields, by):
    if fields.pop("is_active", False):
        user.reactivate(by=by)
    if "role" in fields:
        user.change_role(fields.pop("role"), by=by)
    of_user = {name: fields.pop(name) or "" for name in OF_USER if name in fields}
    if of_user:
        User.objects.filter(pk=user.pk).update(**of_user)
    if fields:
        Person.objects.filter(user=user).update(**put_back(fields, user, Units([])))


def _remove_units(source):
    """Departments and places that came with the import go with it, where nobody is in them."""
    made = source.aside.get("made", {})
    for kind, model in (("location", Location), ("department", Department)):
        # The teams of a department came after it, and go before it.
        for pk in reversed(made.get(kind, [])):
            unused = model.objects.filter(pk=pk)
            for relation in model._meta.related_objects:
                theirs = relation.related_model.objects.filter(
                    **{relation.field.name: OuterRef("pk")}
                )
                unused = unused.filter(~Exists(theirs))
            unused.delete()
