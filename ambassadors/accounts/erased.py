"""Accounts that stand for somebody who was erased, where a row must have an author."""

# Reserved (RFC 2606): no mail server can ever have it, so nobody can log in or be written to.
ERASED_DOMAIN = "@erased.invalid"
