"""The way back of mail, and the name it leaves under.

reports      what another mail server says of a mail of ours: did not arrive, was called spam
returns      such a report taken in: the row it is about, and what follows for its address
mailbox      where reports wait to be fetched, by IMAP
suppression  addresses nothing is sent to
domain       whether the rest of the world can tell our mail from a forgery: SPF, DKIM, DMARC
"""
