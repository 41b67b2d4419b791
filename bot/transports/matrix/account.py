"""Getting into the account: by password once and then by the kept session, or by an access token.

Then the device is cross-signed, so that members' clients trust it. Everything that cannot go on by itself
is one SaeulenbotError.
"""

import json
import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import ClientError
from nio import (
    AsyncClient,
    AsyncClientConfig,
    ErrorResponse,
    LoginInfoResponse,
    LoginResponse,
    WhoamiResponse,
)

from bot.config_model import Matrix as Settings
from bot.transports.matrix import crosssigning
from bot.transports.matrix.crosssigning import Identity, Json
from bot.transports.matrix.keystore import Keys
from bot.transports.matrix.session import Files, Session
from errors import ConfigError, NotNow, SaeulenbotError

log = logging.getLogger(__name__)

DEVICE_NAME = "Säulenbot"
UNKNOWN_TOKEN = "M_UNKNOWN_TOKEN"  # noqa: S105 - the name of an error
REQUEST_SECONDS = 30
# The library would retry for ever by itself; here everything is bounded and retried by us.
LIMITS = {"max_limit_exceeded": 0, "max_timeouts": 0, "request_timeout": REQUEST_SECONDS}
# So many messages are known again when a homeserver shows them twice: the library would keep 70 MB of them.
REPLAYS_KNOWN = 5_000
OFFLINE = (ClientError, TimeoutError, OSError)


def client_for(settings: Settings, files: Files, device: str) -> AsyncClient:
    """A client that keeps its keys in our folder and leaves the position in the stream to us."""
    config = AsyncClientConfig(Keys, store_sync_tokens=False, **LIMITS)
    return AsyncClient(settings.homeserver, settings.user, device, str(files.store), config)


def plain_client(session: Session) -> AsyncClient:
    """A client for requests that need no keys."""
    config = AsyncClientConfig(encryption_enabled=False, store=None, **LIMITS)
    client = AsyncClient(session.homeserver, session.user, session.device, config=config)
    client.user_id, client.access_token = session.user, session.token
    return client


async def found_at(address: str) -> str:
    """Where a Matrix server answers: here, or where the name of a server points to.

    Raises ConfigError, NotNow.
    """
    client = plain_client(Session(address, "", "", ""))
    try:
        pointed = await reached(client.discovery_info())
        found = client.homeserver = str(getattr(pointed, "homeserver_url", "") or address)
        if not isinstance(await reached(client.login_info()), LoginInfoResponse):
            raise ConfigError("matrix.no_homeserver", address=found)
        return found
    finally:
        await client.close()


async def entered(settings: Settings, files: Files) -> tuple[AsyncClient, Session]:
    """A client that is logged in. Raises ConfigError, NotNow."""
    files.prepare()
    session = _given(settings) or files.session()
    if session is not None and session.user != settings.user:
        raise ConfigError("matrix.other_user", kept=session.user, user=settings.user)
    client = client_for(settings, files, session.device if session else settings.device_id or "")
    try:
        if session is None:
            session = await _log_in(client, settings, files)
        else:
            await _resume(client, session, files)
    except BaseException:
        await client.close()
        raise
    client.olm.message_index_store = type(client.olm.message_index_store)(REPLAYS_KNOWN)
    files.close_store()
    return client, session


def _given(settings: Settings) -> Session | None:
    """The session that the configuration itself names."""
    if settings.access_token is None:
        return None
    token = settings.access_token.get_secret_value()
    return Session(settings.homeserver, settings.user, settings.device_id or "", token)


async def _log_in(client: AsyncClient, settings: Settings, files: Files) -> Session:
    password = settings.password.get_secret_value() if settings.password else ""
    answer = await reached(client.login(password, DEVICE_NAME))
    if not isinstance(answer, LoginResponse):
        raise _refused(answer, settings)
    session = Session(settings.homeserver, answer.user_id, answer.device_id, answer.access_token)
    files.keep_session(session)
    return session


def _refused(answer: ErrorResponse, settings: Settings) -> SaeulenbotError:
    if answer.status_code in ("M_FORBIDDEN", "M_USER_DEACTIVATED", "M_INVALID_USERNAME"):
        return ConfigError("matrix.wrong_password", user=settings.user)
    if answer.status_code == "M_LIMIT_EXCEEDED":
        return NotNow("matrix.limited")
    return ConfigError("matrix.no_homeserver", address=settings.homeserver)


async def _resume(client: AsyncClient, session: Session, files: Files) -> None:
    client.access_token = session.token
    answer = await reached(client.whoami())
    if not isinstance(answer, WhoamiResponse):
        raise token_refused(answer, session, files)
    device = answer.device_id or ""
    if answer.user_id != session.user or (session.device and session.device != device):
        raise ConfigError("matrix.other_device", user=str(answer.user_id), device=device)
    now, kept = replace(session, device=device), files.session()
    if kept is not None and kept.device == device and not files.has_store(now):
        raise ConfigError("matrix.store_missing", file=str(files.session_file))
    client.device_id = device
    client.restore_login(session.user, device, session.token)
    if kept != now:
        files.keep_session(now)


def token_refused(answer: ErrorResponse, session: Session, files: Files) -> SaeulenbotError:
    """What to tell when the homeserver does not know the session any more, or does not answer sense."""
    if answer.status_code in (UNKNOWN_TOKEN, "M_MISSING_TOKEN"):
        return ConfigError("matrix.token_revoked", user=session.user, file=str(files.session_file))
    if answer.status_code == "M_LIMIT_EXCEEDED":
        return NotNow("matrix.limited")
    return ConfigError("matrix.no_homeserver", address=session.homeserver)


async def reached(request: Awaitable[Any]) -> Any:
    """The answer of a request; NotNow when the homeserver cannot be reached."""
    try:
        return await request
    except OFFLINE as error:
        raise NotNow("matrix.unreachable", reason=type(error).__name__) from error


async def ask(client: AsyncClient, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, Json]:
    """A plain request: its status and its answer. Raises NotNow."""
    headers = {"Authorization": f"Bearer {client.access_token}", "Content-Type": "application/json"}
    response = await reached(client.send(method, path, json.dumps(body), headers))
    answer = await client.parse_body(response)
    return response.status, answer if isinstance(answer, dict) else {}


async def cross_sign(client: AsyncClient, files: Files, password: str | None) -> str | None:
    """See to it that the bot's device is signed by an identity of its own. The key of a sentence if not."""
    user, device = client.user_id, client.device_id

    async def request(method: str, path: str, body: Json) -> tuple[int, Json]:
        return await ask(client, method, path, body)

    if client.should_upload_keys:
        await reached(client.keys_upload())
    kept = dict(files.identity())
    found = await crosssigning.look_up(request, user, device)
    if found.master and not (kept and Identity(user, kept).fingerprint == found.master):
        return "matrix.foreign_identity"
    fresh = (kept or crosssigning.fresh_identity()) | {"device": client.olm.account.identity_keys["ed25519"]}
    if fresh != kept:
        files.keep_identity(fresh)
    identity = Identity(user, fresh)
    if not found.master:
        keys = identity.published(device, client.olm.sign_json)
        if not await crosssigning.publish(request, identity, keys, password):
            return "matrix.needs_password"
    if identity.vouches_for(found.device) or await crosssigning.sign_device(
        request, identity, device, found.device
    ):
        return None
    return "matrix.not_signed"
