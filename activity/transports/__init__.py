"""The ways a message leaves, and the three ways in which that can fail."""


class Permanent(Exception):
    """It will never be accepted: no such mailbox, refused for what it is."""


class NoSuchMailbox(Permanent):
    """The address itself is wrong: nothing will ever arrive there."""


class Temporary(Exception):
    """Not now: the server is away, busy, or asks to come again."""


class InDoubt(Exception):
    """The line broke after the whole text had left and before the answer: both sides may have it
    (RFC 1047). No sender can do better over SMTP."""
