"""A real homeserver on 127.0.0.1 for the tests: Synapse on SQLite, without any limit of rates."""

import base64
import hashlib
import hmac
import json
import secrets
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.homeserver.install import python

NAME = "example.test"
SHARED_SECRET = "only-for-tests"
PASSWORD = "ein-passwort-nur-fuer-tests"
UP_SECONDS = 180
CONFIGURATION = """
server_name: {name}
pid_file: {folder}/pid
listeners:
  - port: {port}
    type: http
    bind_addresses: [127.0.0.1]
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
log_config: {folder}/log.yaml
registration_shared_secret: {secret}
macaroon_secret_key: {secret}
form_secret: {secret}
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
bcrypt_rounds: 4
presence: {{enabled: false}}
# A client that starts again would get the answer of before.
caches: {{sync_response_cache_duration: 0s}}
rc_message: &free {{per_second: 100000, burst_count: 100000}}
rc_registration: *free
rc_login: {{address: *free, account: *free, failed_attempts: *free}}
rc_joins: {{local: *free, remote: *free}}
rc_joins_per_room: *free
rc_invites: {{per_room: *free, per_user: *free, per_issuer: *free}}
rc_admin_redaction: *free
rc_room_creation: *free
"""
LOGGING = """
version: 1
root: {level: WARNING, handlers: [file]}
handlers: {file: {class: logging.FileHandler, filename: '%s'}}
"""


class Homeserver:
    """A homeserver whose data lies in a folder; it can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        configuration = folder / "homeserver.yaml"
        gaps = {"name": NAME, "folder": folder, "port": self._port, "secret": SHARED_SECRET}
        configuration.write_text(CONFIGURATION.format(**gaps))
        (folder / "log.yaml").write_text(LOGGING % (folder / "homeserver.log"))
        self._command = [str(python()), "-m", "synapse.app.homeserver", "-c", str(configuration)]
        # Written here: to let Synapse make one takes as long as to start it.
        seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        (folder / "signing.key").write_text(f"ed25519 a_tests {seed}\n")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and return when it answers."""
        with (self.folder / "output").open("ab") as output:
            self._process = subprocess.Popen(self._command, cwd=self.folder, stdout=output, stderr=output)
        until, pause = time.monotonic() + UP_SECONDS, threading.Event()
        while not self.up():
            assert self._process.poll() is None, (self.folder / "output").read_text()
            assert time.monotonic() < until, "the homeserver does not come up"
            pause.wait(0.05)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def user(self, name: str) -> str:
        return f"@{name}:{NAME}"

    def register(self, name: str, admin: bool = False) -> str:
        """Make an account with PASSWORD; its id."""
        nonce = self.ask("GET", "/_synapse/admin/v1/register")["nonce"]
        said = "\0".join((nonce, name, PASSWORD, "admin" if admin else "notadmin"))
        mac = hmac.new(SHARED_SECRET.encode(), said.encode(), hashlib.sha1).hexdigest()
        account = {"nonce": nonce, "username": name, "password": PASSWORD, "admin": admin, "mac": mac}
        found: str = self.ask("POST", "/_synapse/admin/v1/register", account)["user_id"]
        return found

    def fresh(self, name: str) -> str:
        """Make an account whose name was never used; its id."""
        return self.register(f"{name}-{secrets.token_hex(4)}")

    def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """A plain request."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    def up(self) -> bool:
        try:
            self.ask("GET", "/_matrix/client/versions")
        except (urllib.error.URLError, OSError):
            return False
        return True


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def homeserver(folder: Path) -> Iterator[Homeserver]:
    """Run a homeserver until the block ends."""
    server = Homeserver(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
