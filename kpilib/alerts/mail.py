"""A letter sent by e-mail: SMTP with STARTTLS (or TLS from the start on port 465), plain text with HTML beside it."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any

from kpilib.errors import BadInput

from .letter import Letter

#: Seconds that a mail server may take to answer.
PATIENCE = 20.0
#: The port on which TLS is spoken from the first word.
TLS = 465
#: Hosts that a password may be sent to without TLS: this machine alone.
NEAR = ("localhost", "127.0.0.1", "::1")


def message(letter: Letter, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """The letter as a message; `BadInput` for an address that holds more than one line."""
    for address in (sender, *to):
        if not address.isprintable() or "@" not in address:
            raise BadInput(f"{address!r} is no e-mail address; see [alerts.mail] in workbook.toml.")
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = letter.subject, sender, ", ".join(to)
    made["Date"], made["Message-ID"] = formatdate(localtime=False), make_msgid(domain="kpi.invalid")
    made["Auto-Submitted"] = "auto-generated"  # no out-of-office note answers it (RFC 3834)
    made.set_content(letter.text())
    made.add_alternative(letter.html(), subtype="html")
    return made


def send(
    letter: Letter, given: Any, environ: Mapping[str, str] = os.environ, context: ssl.SSLContext | None = None
) -> None:
    """Send a letter.

    Parameters
    ----------
    letter : Letter
        What to say.
    given : kpilib.workbook.Mail
        Host, port, sender, recipients; `user` with the variable `password_env` that holds the password.
    environ : mapping
        Where that variable is looked up.
    context : ssl.SSLContext, optional
        By default the machine's own list of authorities, and the host's name checked.

    Raises
    ------
    BadInput
        No such host, refused, no TLS where it is asked for, a wrong password, an address that is none: says what the
        server said.
    """
    made = message(letter, given.sender, tuple(given.to))
    if not given.to:
        raise BadInput("workbook.toml, [alerts.mail]: `to` names nobody.")
    password = _password(given, environ)
    try:
        with _opened(given, context or ssl.create_default_context()) as server:
            if given.user:
                server.login(given.user, password)
            refused = server.send_message(made)
    except (OSError, smtplib.SMTPException) as error:
        raise BadInput(f"The mail server {given.host}:{given.port} did not take the mail: {_said(error)}.") from error
    if refused:
        raise BadInput(f"The mail server {given.host} refused {', '.join(sorted(refused))}; the others have the mail.")


def _opened(given: Any, context: ssl.SSLContext) -> smtplib.SMTP:
    """A connection that is as safe as it was asked to be."""
    if given.port == TLS:
        return smtplib.SMTP_SSL(given.host, given.port, timeout=PATIENCE, context=context)
    server = smtplib.SMTP(given.host, given.port, timeout=PATIENCE)
    if given.starttls:
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _password(given: Any, environ: Mapping[str, str]) -> str:
    if not given.user:
        return ""
    if not given.starttls and given.port != TLS and given.host not in NEAR:
        raise BadInput(f"A password is not sent to {given.host} without TLS: set starttls = true in [alerts.mail].")
    if not given.password_env or given.password_env not in environ:
        named = given.password_env or "password_env"
        raise BadInput(f"[alerts.mail] has a user, but no password: put it in the environment variable {named}.")
    return environ[given.password_env]


def _said(error: Exception) -> str:
    """What went wrong in a few words; never the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        return f"{error.smtp_code} {' '.join(said.split())}".rstrip(".")
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
