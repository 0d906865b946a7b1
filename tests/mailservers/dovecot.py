"""A real Dovecot for one test: own folder, own ports on loopback, stopped afterwards."""

from __future__ import annotations

import os
import pwd
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.needs import DOVECOT

from mailservers.certificate import Certificates
from ports import free_port

USER, PASSWORD = "desk", "fish-and-chips"

_COMMON = """
protocols = imap
listen = 127.0.0.1
base_dir = {base}/run
log_path = {base}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
ssl = yes
"""
_V24 = (
    """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
"""
    + _COMMON
    + """
state_dir = {base}/state
auth_allow_cleartext = yes
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
mail_driver = maildir
mail_path = {base}/mail
mail_home = {base}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = {gid}
passdb static {{
  password = {password}
}}
userdb static {{
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""
)
_V23 = (
    _COMMON
    + """
state_dir = {base}/state
disable_plaintext_auth = no
ssl_cert = <{certificate}
ssl_key = <{key}
mail_location = maildir:{base}/mail
mail_home = {base}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = {gid}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""
)


class Dovecot:
    """A running server with one account; `folder` is what belongs to it."""

    def __init__(self, folder: Path, certificates: Certificates) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), free_port()
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        owner = self._owner()
        version = subprocess.run(
            [DOVECOT, "--version"], capture_output=True, text=True, check=True
        ).stdout
        newer = tuple(map(int, re.findall(r"\d+", version)[:2])) >= (2, 4)
        text = (_V24 if newer else _V23).format(
            base=folder,
            port=self.port,
            tls_port=self.tls_port,
            certificate=certificates.certificate,
            key=certificates.key,
            password=PASSWORD,
            **owner,
        )
        config = folder / "dovecot.conf"
        config.write_text(text)
        config.chmod(0o644)
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
            (folder / name).chmod(0o755)
            if os.geteuid() == 0:
                os.chown(folder / name, owner["uid"], owner["gid"])
        self.process = subprocess.Popen(
            [DOVECOT, "-F", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # Its children, of other users, must read what it makes.
            umask=0o022,
        )
        self._wait()

    @staticmethod
    def _owner() -> dict[str, object]:
        """Root runs it under the accounts the package made; anybody else as oneself."""
        if os.geteuid() == 0:
            mail = pwd.getpwnam("nobody")
            return {
                "uid": mail.pw_uid,
                "gid": mail.pw_gid,
                "internal": "dovecot",
                "internal_group": "dovecot",
                "login": "dovenull",
            }
        me = pwd.getpwuid(os.geteuid())
        import grp

        return {
            "uid": me.pw_uid,
            "gid": me.pw_gid,
            "internal": me.pw_name,
            "internal_group": grp.getgrgid(me.pw_gid).gr_name,
            "login": me.pw_name,
        }

    def _wait(self) -> None:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=30) as probe:
                    if probe.recv(10).startswith(b"* OK"):
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        said = self.process.stderr.read().decode() if self.process.poll() is not None else ""
        log = self.folder / "dovecot.log"
        self.stop()
        raise RuntimeError(
            f"Dovecot did not start: {said}{log.read_text() if log.exists() else ''}"
        )

    def url(self, scheme: str = "imap+plain") -> str:
        """Where the account is, for AMENDS_IMAP_URL."""
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{USER}:{PASSWORD}@localhost:{port}/INBOX"

    def stop(self) -> None:
        """End the server and its children."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        if self.process.stderr:
            self.process.stderr.close()
