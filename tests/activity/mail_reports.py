"""Reports as other mail servers write them, about one of our mails."""

STATUS = """From: MAILER-DAEMON@mx.example
To: {reply}
Subject: Undelivered Mail Returned to Sender
Message-ID: <20261123.report@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b
Content-Type: {returned}

From: Orvaly <ambassadeurs@orvaly.example>
To: {to}
Subject: Bonjour
Message-ID: {message_id}

--b--
"""
COMPLAINT = """From: feedback@isp.example
To: ambassadeurs@orvaly.example
Subject: Complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

Somebody called this spam.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeISP/1.0
Version: 1

--b
Content-Type: text/rfc822-headers

To: {to}
Message-ID: {message_id}

--b--
"""
# As qmail has put it since 1997: no parts, no codes.
QMAIL = """From: MAILER-DAEMON@old.example
To: ambassadeurs@orvaly.example
Subject: failure notice

Hi. This is the qmail-send program at old.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{to}>:
Sorry, no such mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

To: {to}
Message-ID: {message_id}

Bonjour
"""
AWAY = """From: {to}
To: ambassadeurs@orvaly.example
Subject: Re: Bonjour
Auto-Submitted: auto-replied
In-Reply-To: {message_id}

Je suis en vacances.
"""


def returned(
    mail,
    *,
    status="5.1.1",
    words="550 5.1.1 User unknown",
    action="failed",
    returned="message/rfc822",
    to="",
    reply="ambassadeurs@orvaly.example",
    message_id="",
):
    """bytes. mail: the Notification it is about; to: whom it was written to, its recipient else."""
    return STATUS.format(
        to=to or mail.recipient.email,
        message_id=message_id or mail.message_id,
        status=status,
        words=words,
        action=action,
        returned=returned,
        reply=reply,
    ).encode()


def complaint(mail, kind="abuse"):
    to, number = mail.recipient.email, mail.message_id
    return COMPLAINT.format(kind=kind, to=to, message_id=number).encode()


def filled(form, mail):
    return form.format(to=mail.recipient.email, message_id=mail.message_id).encode()
