"""Makes and reads keys, as `tauri signer` does: files of minisign in base64.

A secret key is encrypted by a password (scrypt). Files of `minisign` itself are read too.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from minisign import Error, KeyPair, PublicKey, SecretKey  # pyright: ignore[reportMissingTypeStubs]

from .errors import UpdateError

KEY = "TAURI_SIGNING_PRIVATE_KEY"
"""The environment variable with the secret key, as text or as the path of its file."""
KEY_PATH = "TAURI_SIGNING_PRIVATE_KEY_PATH"
PASSWORD = "TAURI_SIGNING_PRIVATE_KEY_PASSWORD"

_HEAD = b"untrusted comment:"
_BARE_PUBLIC = 42
"""Bytes of a public key without its comment."""


class SigningKey(Protocol):
    """A secret key that is ready to sign: minisign's own, which comes without types."""

    def sign(
        self,
        data: bytes | IO[bytes],
        *,
        prehash: bool = True,
        untrusted_comment: str | None = None,
        trusted_comment: str | None = None,
    ) -> Any: ...

    def get_public_key(self) -> Any: ...


@dataclass(frozen=True)
class Generated:
    """A new pair of keys, as texts."""

    secret: str = field(repr=False)
    public: str


def generate(password: str) -> Generated:
    """Makes a pair of keys. The secret one is encrypted by the password."""
    pair = KeyPair.generate()
    pair.secret_key.encrypt(password)
    pair.secret_key.untrusted_comment = "minisign encrypted secret key"
    pair.public_key.untrusted_comment = f"minisign public key: {key_id(pair.public_key)}"
    return Generated(_armored(bytes(pair.secret_key)), _armored(bytes(pair.public_key)))


def key_id(key: PublicKey) -> str:
    """The number of a key, as minisign writes it."""
    number = base64.b64decode(key.to_base64())[2:10]
    return f"{int.from_bytes(number, 'little'):016X}"


def secret_key(text: str, password: str) -> SigningKey:
    """Reads a secret key and decrypts it.

    Raises:
        UpdateError: It is none, or the password is another one.
    """
    try:
        key = SecretKey.from_bytes(_file(text))
    except (ValueError, binascii.Error):
        # Not chained: a traceback would show what was read.
        raise UpdateError(
            "this is no secret key: give the file that `transom updates keygen` or `tauri signer "
            "generate` has written"
        ) from None
    try:
        key.decrypt(password)
    except Error:
        raise UpdateError(
            f"the password of the secret key is another one: set {PASSWORD} to it"
        ) from None
    return key


def public_key(text: str) -> PublicKey:
    """Reads a public key, as it stands in `plugins.updater.pubkey`.

    Raises:
        UpdateError: It is none.
    """
    try:
        data = _file(text)
        if len(data) == _BARE_PUBLIC:
            return PublicKey.from_base64(text.strip())
        return PublicKey.from_bytes(data)
    except (ValueError, binascii.Error) as error:
        raise UpdateError(
            "the public key cannot be read: give the text in the `.pub` file that `transom updates "
            "keygen` has written beside the secret key"
        ) from error


def secret_text(path: Path | None, env: Mapping[str, str] = os.environ) -> str:
    """The text of the secret key, from a file or as the environment says.

    Raises:
        UpdateError: There is none.
    """
    given = env.get(KEY, "")
    if path is None and given:
        path = _path_in(given)
        if path is None:
            return given
    if path is None and env.get(KEY_PATH):
        path = Path(env[KEY_PATH])
    if path is None:
        raise UpdateError(
            f"there is no key to sign with: give its file by --key, or set {KEY} to the key or its "
            "path; `transom updates keygen FILE` makes one"
        )
    try:
        return path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UpdateError(f"the secret key {path} cannot be read: {reason}") from None


def signing_key(env: Mapping[str, str] = os.environ) -> SigningKey:
    """The key that the environment gives, as for `tauri build`.

    Raises:
        UpdateError: There is none, or its password is another one.
    """
    return secret_key(secret_text(None, env), env.get(PASSWORD, ""))


def _path_in(given: str) -> Path | None:
    """The file that a text names, if it names one that is there, or can only be a path."""
    try:
        if Path(given).expanduser().is_file():
            return Path(given)
    except (OSError, ValueError, RuntimeError):
        return None  # it is too long for a path
    try:
        _file(given)
    except (ValueError, binascii.Error):
        return Path(given)
    return None


def _file(text: str) -> bytes:
    """The minisign file in a text, which may be in base64."""
    data = text.strip().encode()
    return data if data.startswith(_HEAD) else base64.b64decode(data, validate=True)


def _armored(data: bytes) -> str:
    return base64.b64encode(data + b"\n").decode()
