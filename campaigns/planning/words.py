"""Finding by words: each must be somewhere; accents and capitals are forgiven."""

from django.db.models import Q


def each_word(text: str, *fields: str) -> Q:
    """Rows in which every word of `text` stands in one of `fields`, not all in the same one."""
    found = Q()
    for word in text.split():
        somewhere = Q()
        for field in fields:
            somewhere |= Q(**{f"{field}__unaccent__icontains": word})
        found &= somewhere
    return found
