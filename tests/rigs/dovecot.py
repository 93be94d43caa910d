"""A real Dovecot on loopback, with TLS, a Maildir for any user, and nothing left behind."""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import trustme

from rigs.real import real_part, without

if TYPE_CHECKING:
    from datetime import datetime

_PATIENCE: Final = 15.0

# Lines that only an ordinary user needs: every service runs as that user.
_ROOTLESS: Final = """
default_internal_user = {me}
default_internal_group = {group}
default_login_user = {me}
"""

_CONFIG: Final = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {place}/dovecot.log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{place}/server.pem
ssl_key = <{place}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
first_valid_uid = 1
mail_fsync = never
mail_location = maildir:{home}/mail/%u/Maildir:UTF-8
{rootless}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  # Wrong passwords are part of the tests; the penalty would slow every later login.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {port_plain}
  }}
  inet_listener imaps {{
    port = {port_tls}
    ssl = yes
  }}
}}
protocol imap {{
  mail_max_userip_connections = 50
  rawlog_dir = {home}/mail/%u/rawlog
}}
"""


class Dovecot:
    """One running Dovecot 2.3; any user name may log in with `password`.

    Attributes:
        host: the name its certificate is for.
        port_tls: IMAP inside TLS.
        port_plain: IMAP in the open, with STARTTLS on offer.
        user: whose mailbox the methods mean when none is named.
        password: the one password; also taken as an OAuth token.
        ca_file: certificate of the authority that signed the server's.
        log: what Dovecot writes about itself.
    """

    host = "localhost"
    password = "correct-horse"

    def __init__(self, place: Path, user: str = "buyer@example.org") -> None:
        self._program = real_part("dovecot")
        self._admin = real_part("doveadm")
        self.user = user
        self._place = place
        self.ca_file = place / "ca.pem"
        self.log = place / "dovecot.log"
        self.port_tls = self.port_plain = 0
        self._uid, self._gid = _mail_owner()
        self._count = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        # Unix sockets have short names, and the mail user must be able to walk there:
        # pytest's own directories are neither short nor open.
        self._home = Path(tempfile.mkdtemp(prefix="imap"))

    def __enter__(self) -> Self:
        try:
            self._prepare()
            self.start()
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start, on the ports of the last time if there was one; returns when it greets."""
        for attempt in range(5):
            if attempt or not self.port_tls:
                self.port_tls, self.port_plain = _free_ports(2)
            self._write_config()
            self._process = subprocess.Popen(
                [*_dies_with_us(), self._program, "-F", "-c", str(self._config)], start_new_session=True
            )
            if self._greets():
                return
            self.stop()
        raise RuntimeError(f"Dovecot does not start:\n{self.log.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop and wait until every process is gone; the ports stay its own."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # A process that serves a client may outlive the master by a moment.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def deliver(
        self,
        raw: bytes,
        folder: str = "INBOX",
        internal_date: datetime | None = None,
        user: str | None = None,
    ) -> Path:
        """Put a mail into a folder as a delivery agent does, and return its file.

        Args:
            raw: the mail's bytes, kept as they are.
            folder: its name as people read it, `/` between levels; made when missing.
            internal_date: aware; now when None.
            user: whose mailbox; `self.user` when None.
        """
        box = self.maildir(folder, user)
        name = f"{time.time_ns()}.{os.getpid()}_{next(self._count)}.localhost"
        draft = box / "tmp" / name
        draft.write_bytes(raw)
        self._give(draft)
        if internal_date is not None:
            os.utime(draft, (internal_date.timestamp(), internal_date.timestamp()))
        return draft.rename(box / "new" / name)

    def maildir(self, folder: str = "INBOX", user: str | None = None) -> Path:
        """The directory of a folder; made when missing."""
        home = self._home / "mail" / (user or self.user)
        root = home / "Maildir"
        box = root if folder == "INBOX" else root / f".{folder.replace('/', '.')}"
        for part in (home, home / "rawlog", root, box, box / "tmp", box / "new", box / "cur"):
            if not part.exists():
                part.mkdir()
                self._give(part)
        return box

    def expunge_all(self, folder: str = "INBOX") -> None:
        """Delete every mail of a folder for good."""
        self._ask("expunge", "-u", self.user, "mailbox", folder, "all")

    def reset_uidvalidity(self, folder: str = "INBOX") -> None:
        """Give the folder a new UIDVALIDITY and its mails new UIDs, as a restored mailbox has."""
        box = self.maildir(folder)
        self._ask("mailbox", "status", "-u", self.user, "uidvalidity", folder)
        uids = box / "dovecot-uidlist"
        old = int(uids.read_text().split(" V", 1)[1].split(" ", 1)[0])
        for index in box.glob("dovecot.index*"):
            index.unlink()
        uids.write_text(f"3 V{old + 1000} N1\n")

    def kick(self, user: str | None = None) -> None:
        """Throw the user's connections out, as an administrator may."""
        self._ask("kick", user or self.user)

    def commands(self, user: str | None = None) -> list[str]:
        """What clients said after login, oldest first, without tags: `UID SEARCH SINCE ...`."""
        logs = sorted((self._home / "mail" / (user or self.user) / "rawlog").glob("*.in"))
        lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
        return [line.split(" ", 2)[-1] for line in lines]

    def _prepare(self) -> None:
        version = subprocess.run(
            [self._program, "--version"], capture_output=True, text=True, check=True
        ).stdout
        if not version.startswith("2.3."):
            without(f"this rig is written for Dovecot 2.3, here is {version.strip()}")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        server = authority.issue_cert("localhost", "127.0.0.1")
        server.private_key_pem.write_to_path(str(self._place / "server.key"))
        for number, part in enumerate(server.cert_chain_pems):
            part.write_to_path(str(self._place / "server.pem"), append=number > 0)
        self._home.chmod(0o755)
        (self._home / "mail").mkdir()
        self._give(self._home / "mail")

    @property
    def _config(self) -> Path:
        return self._place / "dovecot.conf"

    def _write_config(self) -> None:
        me, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        self._config.write_text(
            _CONFIG.format(
                home=self._home,
                place=self._place,
                rootless=_ROOTLESS.format(me=me, group=group) if os.geteuid() else "",
                password=self.password,
                uid=self._uid,
                gid=self._gid,
                port_plain=self.port_plain,
                port_tls=self.port_tls,
            )
        )

    def _greets(self) -> bool:
        """Wait for the greeting; False when the process ended, as it does when a port was taken."""
        deadline = time.monotonic() + _PATIENCE
        while self.running and time.monotonic() < deadline:
            try:
                with socket.create_connection((self.host, self.port_plain), timeout=1) as line:
                    return line.recv(100).startswith(b"* OK")
            except OSError:
                time.sleep(0.02)
        return False

    def _ask(self, *command: str) -> None:
        subprocess.run([self._admin, "-c", str(self._config), *command], check=True, capture_output=True)

    def _give(self, path: Path) -> None:
        if not os.geteuid():
            os.chown(path, self._uid, self._gid)

    def _clear(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)


def _mail_owner() -> tuple[int, int]:
    """Whose files the mails are: Dovecot refuses to serve mail as root."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _dies_with_us() -> list[str]:
    """A prefix that ends the server when this process is killed before it can clean up."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _free_ports(count: int) -> list[int]:
    """Ports that are free now; whoever loses the race for one starts again."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports
