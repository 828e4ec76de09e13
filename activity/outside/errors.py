"""Why something outside could not be read, as a sentence for whoever asked for it."""

from django.utils.translation import gettext_lazy as _


class Unreachable(Exception):
    """`str()` is the reason in the reader's language, with nothing the other side has written."""

    sentence = _("It could not be read.")

    def __str__(self):
        return str(self.sentence)

    @property
    def code(self) -> str:
        """What to keep of it, where its sentence is read later and by others: see in_words()."""
        return type(self).__name__


class NotAnAddress(Unreachable):
    sentence = _("This is not the address of a public web page.")


class Private(Unreachable):
    """Some address of the host lies inside a network that is nobody's business."""

    sentence = _("This address leads into a private network: only public pages are read.")


class Unknown(Unreachable):
    sentence = _("There is no such site: look at how the address is spelt.")


class NoAnswer(Unreachable):
    sentence = _("The site does not answer.")


class TooSlow(Unreachable):
    sentence = _("The site took too long to answer.")


class TooBig(Unreachable):
    sentence = _("What is there is too big to be read.")


class WrongKind(Unreachable):
    sentence = _("What is there is not of the kind that was expected.")


class NotSecure(Unreachable):
    sentence = _(
        "The site offers no secure connection: its certificate or its encryption is wrong."
    )


class Downgraded(Unreachable):
    sentence = _("The site leads from a secure address to one that is not.")


class Elsewhere(Unreachable):
    """More redirects than anybody needs, or a ring of them."""

    sentence = _("The site leads from one address to the next without end.")


class Garbled(Unreachable):
    sentence = _("The site’s answer makes no sense.")


class Refused(Unreachable):
    """The site answered, with an error. `status` is its number."""

    def __init__(self, status: int):
        super().__init__(status)
        self.status = status

    @property
    def code(self) -> str:
        return f"{type(self).__name__} {self.status}"

    @property
    def is_gone(self) -> bool:
        return self.status in {404, 410}

    @property
    def sentence(self):
        if self.is_gone:
            text = _("There is no such page (%(status)d).")
        elif self.status >= 500:
            text = _("The site is out of order (%(status)d).")
        else:
            text = _("The site does not let us read it (%(status)d).")
        return text % {"status": self.status}


def in_words(code: str) -> str:
    """The sentence of the Unreachable that had this `code`, in the reader's language; "" of ""."""
    if not code:
        return ""
    name, _space, status = code.partition(" ")
    kinds = {kind.__name__: kind for kind in Unreachable.__subclasses__()}
    kind = kinds.get(name, Unreachable)
    return str(kind(int(status)) if kind is Refused else kind())
