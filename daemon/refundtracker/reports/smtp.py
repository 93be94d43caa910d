"""Hand one mail to the user's own mail server, and say exactly what the server answered.

Where an error happens decides what it means: a 4xx answer, a broken line or a time-out is
`Unreachable` (try later), a 5xx answer or a certificate is `Refused` (a person must look).
One case is neither: the line broke after the mail was sent and before the answer. Then the
mail may have been delivered, and the caller has to look before it sends again.
"""

from __future__ import annotations

import base64
import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from refundtracker.errors import BadConfig, BadInput, Refused, Unreachable
from refundtracker.kinds import is_loopback
from refundtracker.words import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage
    from pathlib import Path

Tls = Literal["tls", "starttls", "none"]

# EHLO wants a name; the machine's own may be slow to look up, not ASCII, or nobody's business.
# RFC 5321 section 4.1.3 allows an address literal.
_HELLO: Final = "[127.0.0.1]"
# An answer may have many lines; this much of it tells a person what is wrong.
_ANSWER_LIMIT: Final = 300


class Ambiguous(Unreachable):
    """The line broke after the mail was sent and before the answer: it may have been delivered.

    Look for its Message-ID in the mailbox before sending it again.
    """


@dataclass(frozen=True, slots=True)
class _Server:
    """Where to send, and as whom.

    Attributes:
        host: name or address, also the name that its certificate must carry.
        port: TCP port.
        tls: how the line is encrypted.
        user: login name; None sends without a login.
        password: never part of a repr or a sentence.
        oauth: whether the password is an access token.
        context: verifies the certificate.
        timeout: seconds for each wait on the line.
    """

    host: str
    port: int
    tls: Tls
    user: str | None
    password: str | None = field(repr=False)
    context: ssl.SSLContext = field(repr=False)
    timeout: float
    oauth: bool = False

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def quote(self, answer: bytes | str) -> str:
        """What the server said, fit for one line; a server that repeats the secret does not spread it."""
        text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        for secret in self._secrets():
            text = text.replace(secret, "***")
        return one_line(text, _ANSWER_LIMIT) or "nothing"

    def plain(self) -> str:
        """The one answer that AUTH PLAIN wants; UTF-8 inside (RFC 4616)."""
        return _base64(f"\0{self.user}\0{self.password or ''}")

    def bearer(self) -> str:
        """The answer that AUTH XOAUTH2 wants (developers.google.com/gmail/imap/xoauth2-protocol)."""
        return _base64(f"user={self.user}\1auth=Bearer {self.password or ''}\1\1")

    def _secrets(self) -> tuple[str, ...]:
        if not self.password:
            return ()
        return (self.plain(), self.bearer(), _base64(self.password), self.password)


def nobody_waits() -> None:
    """Nobody wants to know when a mail leaves."""


def send(  # noqa: PLR0913 - one keyword for each line of the [smtp] section
    message: EmailMessage,
    *,
    host: str,
    port: int,
    tls: Tls,
    user: str | None,
    password: str | None,
    oauth: bool = False,
    ca_file: str | Path | None = None,
    timeout: float = 30,
    leaving: Callable[[], None] = nobody_waits,
) -> None:
    """Send one mail; it is delivered to the server when this returns, and only then.

    Args:
        message: sender and recipients are taken from its From and To headers.
        host: the server; its certificate must carry this name.
        port: usually 465 for `tls`, 587 for `starttls`.
        tls: `none` is allowed to this machine only.
        user: login name, or None for a server that asks for no login.
        password: the secret of the login.
        oauth: the secret is an access token.
        ca_file: PEM file of the only authorities to believe, instead of the system's.
        timeout: seconds for each wait on the line.
        leaving: called when the server is ready for the text, and nothing of it was sent. When it
            raises, nothing is.

    Raises:
        Ambiguous: the mail was sent, the answer was not heard.
        Unreachable: no connection, a broken one, or a 4xx answer; try later.
        Refused: a 5xx answer, a refused login, an unproven certificate, or no STARTTLS.
        BadConfig: plain text to another machine, a host that cannot be one, or a `ca_file`
            that cannot be read.
        BadInput: the mail has no sender or no recipient whose address is plain ASCII.
    """
    _refuse_plain(host, tls)
    sender, *recipients = _addresses(message)
    server = _Server(host, port, tls, user, password, _context(ca_file), timeout, oauth)
    with _logged_in(server) as line:
        _name_people(line, server, sender, recipients)
        _hand_over(line, server, _on_the_wire(message), leaving)


def try_login(  # noqa: PLR0913 - as `send`
    *,
    host: str,
    port: int,
    tls: Tls,
    user: str | None,
    password: str | None,
    oauth: bool = False,
    ca_file: str | Path | None = None,
    timeout: float = 30,
) -> None:
    """Connect, log in and leave; no mail is sent. Arguments and errors as with `send`."""
    _refuse_plain(host, tls)
    server = _Server(host, port, tls, user, password, _context(ca_file), timeout, oauth)
    with _logged_in(server):
        return


def _refuse_plain(host: str, tls: Tls) -> None:
    if tls == "none" and not is_loopback(host.lower()):
        raise BadConfig("[smtp]", (f'tls = "none" is only for this machine, not for {host}: use "starttls"',))


def _context(ca_file: str | Path | None) -> ssl.SSLContext:
    """A context that verifies; smtplib's own default does not."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BadConfig("[smtp]", (f"ca_file = {str(ca_file)!r} cannot be read: {error}",)) from error


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _addresses(message: EmailMessage) -> list[str]:
    """The sender, then the recipients, without display names."""
    found = []
    for name in ("From", "To"):
        addresses = [address.addr_spec for address in getattr(message[name], "addresses", ())]
        if not addresses or not all("@" in address and address.isascii() for address in addresses):
            raise BadInput(f"the mail cannot be sent: its {name} has no address of plain ASCII letters")
        found += addresses[:1] if name == "From" else addresses
    return found


def _on_the_wire(message: EmailMessage) -> bytes:
    """The bytes after DATA: CRLF, leading dots doubled, a single dot at the end (RFC 5321, 4.5.2)."""
    policy = message.policy.clone(linesep="\r\n", cte_type="7bit")
    lines = message.as_bytes(policy=policy).removesuffix(b"\r\n").split(b"\r\n")
    stuffed = (b"." + line if line.startswith(b".") else line for line in lines)
    return b"\r\n".join([*stuffed, b".", b""])


@contextlib.contextmanager
def _logged_in(server: _Server) -> Iterator[smtplib.SMTP]:
    """A line that is ready for mail; closed at the end, whatever happens."""
    line = _connect(server)
    try:
        _log_in(line, server)
        yield line
    finally:
        _hang_up(line)


def _connect(server: _Server) -> smtplib.SMTP:
    """A connection that was greeted and, unless `none`, encrypted."""
    line: smtplib.SMTP
    with _telling(server, "connecting"):
        if server.tls == "tls":
            line = smtplib.SMTP_SSL(
                server.host, server.port, _HELLO, timeout=server.timeout, context=server.context
            )
        else:
            line = smtplib.SMTP(server.host, server.port, _HELLO, timeout=server.timeout)
    try:
        _greet(line, server)
    except BaseException:
        line.close()
        raise
    return line


def _greet(line: smtplib.SMTP, server: _Server) -> None:
    """EHLO, and once more after STARTTLS: what was said in plain text is not believed."""
    with _telling(server, "starting TLS"):
        if server.tls == "starttls":
            line.starttls(context=server.context)
    with _telling(server, "greeting"):
        line.ehlo_or_helo_if_needed()


def _log_in(line: smtplib.SMTP, server: _Server) -> None:
    """One try with one mechanism: smtplib tries all it knows, and failures lock accounts."""
    if server.user is None:
        return
    doing = f"logging in as {server.user}"
    offered = line.esmtp_features.get("auth", "").upper().split()
    with _telling(server, doing):
        if server.oauth:
            answer = _bear(line, server, offered)
        elif "PLAIN" in offered:
            answer = line.docmd("AUTH", f"PLAIN {server.plain()}")
        elif "LOGIN" in offered:
            _check(server, doing, line.docmd("AUTH", "LOGIN"), wanted=3)
            _check(server, doing, line.docmd(_base64(server.user)), wanted=3)
            answer = line.docmd(_base64(server.password or ""))
        else:
            listed = ", ".join(offered) or "none"
            raise Refused(f"{server}: {doing} failed: of PLAIN and LOGIN the server offers none ({listed})")
    _check(server, doing, answer)


def _bear(line: smtplib.SMTP, server: _Server, offered: list[str]) -> tuple[int, bytes]:
    """AUTH XOAUTH2; a refusal comes as a challenge with JSON, and an empty word asks for the verdict."""
    if "XOAUTH2" not in offered:
        raise Refused(f"{server}: the server offers no login with a sign-in (XOAUTH2); use a password")
    answer = line.docmd("AUTH", f"XOAUTH2 {server.bearer()}")
    return line.docmd("") if answer[0] // 100 == 3 else answer


def _name_people(line: smtplib.SMTP, server: _Server, sender: str, recipients: list[str]) -> None:
    """The envelope; one recipient that is refused stops the mail for all."""
    with _telling(server, "naming sender and recipients"):
        _check(server, f"naming the sender {sender}", line.mail(sender))
        for recipient in recipients:
            _check(server, f"naming the recipient {recipient}", line.rcpt(recipient))


def _hand_over(line: smtplib.SMTP, server: _Server, content: bytes, leaving: Callable[[], None]) -> None:
    doing = "handing over the mail"
    with _telling(server, doing):
        _check(server, doing, line.docmd("DATA"), wanted=3)
    try:
        leaving()
    except BaseException:
        line.close()  # the server would take a goodbye for the mail
        raise
    try:
        line.send(content)
        answer = line.getreply()
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise Ambiguous(
            f"{server}: the line broke while the answer to the mail was awaited: {server.quote(str(error))};"
            " it may have been delivered, look for its Message-ID before sending it again"
        ) from error
    _check(server, doing, answer)


def _hang_up(line: smtplib.SMTP) -> None:
    # The mail is settled by now: a server that does not say goodbye changes nothing.
    with contextlib.suppress(OSError):
        line.quit()
    line.close()


def _check(server: _Server, doing: str, answer: tuple[int, bytes], wanted: int = 2) -> None:
    """Anything but the wanted first digit is an error."""
    if answer[0] // 100 != wanted:
        raise _answered(server, doing, *answer)


def _answered(server: _Server, doing: str, code: int, text: bytes | str) -> Refused | Unreachable:
    """The server's own words as an error; permanent or temporary by the first digit (RFC 5321, 4.2.1)."""
    sentence = f"{server}: {doing} failed: the server answered {code} {server.quote(text)}"
    if code in {534, 535}:
        sentence += " (many providers want an app password here, not the one of the web site)"
    return Refused(sentence) if code // 100 == 5 else Unreachable(sentence)


@contextlib.contextmanager
def _telling(server: _Server, doing: str) -> Iterator[None]:
    """Turns what smtplib, ssl and the socket raise into our own sentences."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            f"{server}: {doing} failed: the certificate is not proven: {error.verify_message};"
            " check the host's name, or name its authority in ca_file"
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(f"{server}: {doing} failed: the server offers no STARTTLS on this port") from error
    except smtplib.SMTPResponseException as error:
        raise _answered(server, doing, error.smtp_code, error.smtp_error) from error
    except ssl.SSLError as error:
        hint = f'is tls = "{server.tls}" right for this port?'
        raise Unreachable(f"{server}: {doing} failed: {server.quote(str(error))}; {hint}") from error
    except UnicodeError as error:
        raise BadConfig("[smtp]", (f"host = {server.host!r} cannot be a host: {error}",)) from error
    except OSError as error:
        raise Unreachable(f"{server}: {doing} failed: {server.quote(str(error))}") from error
