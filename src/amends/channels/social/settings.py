"""Accounts on social media, read strictly from the file that AMENDS_SOCIAL_FILE names.

    send = true                        # without it nothing is sent and no platform is called

    [[accounts]]
    name = "weibo"                     # part of the callback address, /hooks/social/weibo/
    platform = "weibo"                 # webhook, weibo, wechat or mastodon
    account_id = "2000000001"          # our own id there; posts of other ids are never ours
    handle = "@Lantian Telecom"
    url = "https://api.weibo.com"
    token_file = "/etc/amends/weibo.token"
    secret_file = "/etc/amends/weibo.secret"
    second_person = true               # a public answer needs a second person (default)

A secret is read from a file, whose path may be relative to the settings file.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.translatable import Translatable

PLATFORMS = ("webhook", "weibo", "wechat", "mastodon")
_NEEDED = {
    "webhook": ("secret_file",),
    "weibo": ("url", "account_id", "token_file"),
    "wechat": ("account_id", "app_id", "token_file", "aes_key_file"),
    "mastodon": ("url", "account_id", "token_file"),
}
_AES_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAccount:
    """One account of the operator on a platform.

    name           ours, in addresses and lists
    account_id     the id the platform gives it; names can be imitated, ids cannot
    url            base address of the platform's interface; "" where only callbacks are received
    messages_url   weibo: base address for private messages
    business_url   weibo: base address for mentions and comments, where the operator bought access
    token          what requests are authorised with; wechat: the token of callback signatures
    secret         what callbacks are signed with; wechat: the app secret
    ip             weibo: the address of the operator, which comments must name (`rip`)
    second_person  a public answer needs the agreement of a second person
    official_ids   further accounts of the operator: not look-alikes, and not answered
    """

    name: str
    platform: str
    brand: str = ""
    account_id: str = ""
    app_id: str = ""
    handle: str = ""
    url: str = ""
    messages_url: str = ""
    business_url: str = ""
    ip: str = ""
    token: str = ""
    secret: bytes = b""
    aes_key: bytes = b""
    second_person: bool = True
    official_ids: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Namespace of ids of posts and authors: one Mastodon server is not another."""
        return urlsplit(self.url).netloc if self.platform == "mastodon" else self.platform


@dataclass(frozen=True, slots=True)
class SocialSettings:
    """Every account, by its name; `send` switches the channel on."""

    accounts: Mapping[str, PlatformAccount]
    send: bool = False


def social_settings() -> SocialSettings:
    """The settings in force; raises `ImproperlyConfigured` for a file that cannot be used.

    Without AMENDS_SOCIAL_FILE it is `social.toml` in the data directory, if there is one.
    """
    name = os.environ.get("AMENDS_SOCIAL_FILE", "").strip()
    path = Path(name) if name else Path(settings.DATA_DIR) / "social.toml"
    if not name and not path.exists():
        return SocialSettings({})
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(_("AMENDS_SOCIAL_FILE cannot be read: %(why)s."), why=str(error))
        ) from None


@lru_cache(maxsize=8)
def _read(path: Path, _changed_at: int) -> SocialSettings:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            Translatable(_("AMENDS_SOCIAL_FILE is not a TOML file: %(why)s."), why=str(error))
        ) from None
    send = document.pop("send", False)
    rows = document.pop("accounts", [])
    if document or not isinstance(send, bool) or not isinstance(rows, list):
        raise ImproperlyConfigured(
            Translatable(
                _("AMENDS_SOCIAL_FILE holds `send` (true or false) and [[accounts]] only.")
            )
        )
    accounts: dict[str, PlatformAccount] = {}
    for row in rows:
        account = _account(row, path.parent)
        if account.name in accounts:
            raise _wrong(account.name, _("the name is used twice"))
        accounts[account.name] = account
    return SocialSettings(accounts, send)


def _account(row: dict[str, Any], folder: Path) -> PlatformAccount:
    name, platform = str(row.get("name", "")), str(row.get("platform", ""))
    if not name.replace("-", "").isalnum() or not name.isascii() or len(name) > 40:
        raise _wrong(name, _("the name is 1 to 40 letters, digits and hyphens"))
    if platform not in PLATFORMS:
        raise _wrong(name, _("the platform is webhook, weibo, wechat or mastodon"))
    if missing := [each for each in _NEEDED[platform] if not row.get(each)]:
        raise _wrong(name, _("these are missing: %(names)s"), names=", ".join(missing))
    account_fields: dict[str, Any] = dict(row)
    for file, value in (("token_file", "token"), ("secret_file", "secret")):
        if path := account_fields.pop(file, ""):
            text = _secret(folder / str(path), name)
            account_fields[value] = text if value == "token" else text.encode()
    if path := account_fields.pop("aes_key_file", ""):
        account_fields["aes_key"] = _aes_key(_secret(folder / str(path), name), name)
    field_types = {field.name: field.type for field in fields(PlatformAccount)}
    for key, value in account_fields.items():
        expected = _TYPES.get(str(field_types.get(key, "")))
        if expected is None or not isinstance(value, expected):
            raise _wrong(name, _("%(key)s is unknown or has a wrong type"), key=key)
    for key in ("url", "messages_url", "business_url"):
        _check_url(account_fields.get(key, ""), name)
    account_fields["official_ids"] = tuple(
        str(official_id) for official_id in account_fields.get("official_ids", ())
    )
    return PlatformAccount(**account_fields)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "bytes": bytes,
    "tuple[str, ...]": (list, tuple),
}


def _aes_key(text: str, name: str) -> bytes:
    """The key of a WeChat account: 43 characters of base64 without the sign at the end."""
    try:
        key = b64decode(f"{text}=", validate=True)
    except (Base64Error, ValueError):
        key = b""
    if len(key) != _AES_KEY_BYTES:
        raise _wrong(name, _("aes_key_file holds the 43 characters of EncodingAESKey"))
    return key


def _secret(path: Path, name: str) -> str:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(name, _("a secret cannot be read: %(error)s"), error=str(error)) from None
    if not text:
        raise _wrong(name, _("%(file)s is empty"), file=str(path))
    return text


def _check_url(url: str, name: str) -> None:
    parts = urlsplit(url)
    if not url or (parts.scheme == "https" and parts.hostname):
        return
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return
    raise _wrong(name, _("an address is https://host, or http:// on this machine"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _wrong(name: str, why: str, **values: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        Translatable(
            _("AMENDS_SOCIAL_FILE, account “%(name)s”: %(why)s."),
            name=name[:40],
            why=Translatable(why, **values),
        )
    )
