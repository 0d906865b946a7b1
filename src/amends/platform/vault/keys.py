"""The keyring: the master keys of this installation, in a file only its owner may read.

`<data directory>/keys/vault.json` (mode 600, made on first use) holds

- sealing keys: several, each with an identifier of four bytes, one of them current; a new current
  key starts a rotation, old ones open what they sealed until nothing is left under them;
- one index key, the root of all blind indexes.

No key is used directly: each purpose and each column has its own, derived by HKDF-SHA256.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import stat
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

KEY_BYTES = 32
KEY_ID_BYTES = 4


class UnableToReadKeys(Refused):
    """The key file is open to others, damaged, or lacks the key that is asked for."""

    code = "keys_unreadable"


class UnableToRetireKey(BadInput):
    """The key is current or unknown, so it cannot be taken off the keyring."""

    code = "key_in_use"


@dataclass(frozen=True)
class Keyring:
    """Master keys by identifier, the current one, and the root of the blind indexes.

    >>> ring = Keyring.new()
    >>> len(ring.current), ring.current in ring.sealing_keys
    (4, True)
    >>> ring.derived(ring.current, "seal:t.a") == ring.derived(ring.current, "seal:t.b")
    False
    """

    sealing_keys: dict[bytes, bytes] = field(repr=False)
    current: bytes
    index_key: bytes = field(repr=False)
    _derived: dict[tuple[bytes, str], bytes] = field(default_factory=dict, repr=False)
    _ciphers: dict[tuple[bytes, str], AESGCM] = field(default_factory=dict, repr=False)

    @classmethod
    def new(cls) -> Keyring:
        """A keyring with one fresh sealing key and a fresh index key."""
        key_id = secrets.token_bytes(KEY_ID_BYTES)
        return cls({key_id: secrets.token_bytes(KEY_BYTES)}, key_id, secrets.token_bytes(KEY_BYTES))

    def with_new_key(self) -> Keyring:
        """The same keyring with one more sealing key, which is now the current one."""
        key_id = secrets.token_bytes(KEY_ID_BYTES)
        while key_id in self.sealing_keys:
            key_id = secrets.token_bytes(KEY_ID_BYTES)
        keys = {**self.sealing_keys, key_id: secrets.token_bytes(KEY_BYTES)}
        return replace(self, sealing_keys=keys, current=key_id, _derived={}, _ciphers={})

    def without(self, key_id: bytes) -> Keyring:
        """The same keyring less one old key; what is still sealed under it is lost for good."""
        if key_id == self.current or key_id not in self.sealing_keys:
            raise UnableToRetireKey(
                _("Key %(hex)s is current or unknown."),
                next_step=_("Make a new key first, then retire an old one."),
                values={"hex": key_id.hex()},
            )
        keys = {name: key for name, key in self.sealing_keys.items() if name != key_id}
        return replace(self, sealing_keys=keys, _derived={}, _ciphers={})

    def derived(self, key_id: bytes, purpose: str) -> bytes:
        """The key of one purpose under the sealing key `key_id`."""
        derived_key = self._derived.get((key_id, purpose))
        if derived_key is None:
            root = self.sealing_keys.get(key_id)
            if root is None:
                raise UnableToReadKeys(
                    _("This was sealed under key %(hex)s, which the keyring does not hold."),
                    meaning=_("The value cannot be read here."),
                    next_step=_("Restore the keys from the backup of this installation."),
                    values={"hex": key_id.hex()},
                )
            derived_key = self._derived[key_id, purpose] = _hkdf(root, purpose)
        return derived_key

    def cipher(self, key_id: bytes, purpose: str) -> AESGCM:
        """AES-256-GCM under the derived key of one purpose."""
        aead = self._ciphers.get((key_id, purpose))
        if aead is None:
            aead = self._ciphers[key_id, purpose] = AESGCM(self.derived(key_id, purpose))
        return aead

    def index_key_of(self, column: str) -> bytes:
        """The key of one column's blind index; it does not change when sealing keys rotate."""
        index_key = self._derived.get((b"", column))
        if index_key is None:
            index_key = self._derived[b"", column] = _hkdf(self.index_key, f"index:{column}")
        return index_key


def _hkdf(root: bytes, purpose: str) -> bytes:
    info = f"amends/{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(root)


def keyring(directory: Path | None = None) -> Keyring:
    """The keyring of this installation, made on first use; read again when its file changes."""
    path, name = _path(directory)
    # Before the file: a first use at the same time may make both between the two.
    cached = _HELD.get(name)
    try:
        state = os.stat(name)  # noqa: PTH116 (asked ten times a request)
    except FileNotFoundError:
        if cached is not None:
            raise UnableToReadKeys(
                _("%(file)s is gone."),
                next_step=_("Restore it from the backup."),
                values={"file": path},
            ) from None
        _create(path, Keyring.new())
        state = path.stat()
    if cached is None or cached[0] != state.st_mtime_ns or cached[1] != state.st_ino:
        cached = (state.st_mtime_ns, state.st_ino, _read(path, state.st_mode))
        _HELD[name] = cached
    return cached[2]


def key_file() -> Path:
    """Where the keyring of this installation lies."""
    return _path(None)[0]


def store(ring: Keyring, directory: Path | None = None) -> None:
    """Write the keyring in one step, so a reader sees the old file or the new one."""
    path, _ = _path(directory)
    draft = _draft(path, ring)
    draft.replace(path)
    _sync(path.parent)


_HELD: dict[str, tuple[int, int, Keyring]] = {}


def _path(directory: Path | None) -> tuple[Path, str]:
    if directory is None:
        from django.conf import settings

        directory = settings.DATA_DIR
    return _keys_in(directory)


@lru_cache(maxsize=8)
def _keys_in(directory: Path) -> tuple[Path, str]:
    path = Path(directory) / "keys" / "vault.json"
    return path, str(path)


def _read(path: Path, mode: int) -> Keyring:
    if stat.S_IMODE(mode) & 0o077:
        raise UnableToReadKeys(
            _("%(file)s can be read by other users of this machine."),
            meaning=_("Whoever read it can read every sealed value, so Amends stops here."),
            next_step=_("Run chmod 600 on the file, and rotate the keys if others had access."),
            values={"file": path},
        )
    try:
        stored = json.loads(path.read_text(encoding="ascii"))
        keys = {bytes.fromhex(name): _decoded(key) for name, key in stored["sealing_keys"].items()}
        ring = Keyring(keys, bytes.fromhex(stored["current"]), _decoded(stored["index_key"]))
        sound = ring.current in keys and all(len(name) == KEY_ID_BYTES for name in keys)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise UnableToReadKeys(
            _("%(file)s is damaged."),
            next_step=_("Restore it from the backup."),
            values={"file": path},
        ) from error
    if not sound:
        raise UnableToReadKeys(
            _("%(file)s is damaged."),
            next_step=_("Restore it from the backup."),
            values={"file": path},
        )
    return ring


def _create(path: Path, ring: Keyring) -> None:
    """Link a finished file into place: of two first runs at once, one keyring wins."""
    draft = _draft(path, ring)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync(path.parent)


def _draft(path: Path, ring: Keyring) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    stored = {
        "sealing_keys": {name.hex(): _encoded(key) for name, key in ring.sealing_keys.items()},
        "current": ring.current.hex(),
        "index_key": _encoded(ring.index_key),
    }
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        json.dump(stored, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _encoded(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _decoded(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has the wrong length")
    return key
