"""Signs files and verifies signatures, which carry the version that a file is."""

import base64
import binascii
import os
import time
from pathlib import Path
from urllib.parse import quote

from minisign import Error, Signature  # pyright: ignore[reportMissingTypeStubs]

from . import keys, versions
from .errors import UntrustedError, UpdateError
from .files import write

_PRINTABLE = "".join(map(chr, range(0x20, 0x7F))).replace("%", "")


def signature_file(path: Path) -> Path:
    """Where the signature of a file is: beside it, as Tauri has it."""
    return path.with_name(f"{path.name}.sig")


def sign(path: Path, version: str, key: keys.SigningKey) -> Path:
    """Signs a file for a version of the app, and returns the file with the signature.

    The time in it is that of `SOURCE_DATE_EPOCH`, if it is set: the same file then gets the same
    signature.

    Raises:
        UpdateError: The version is none, or a file cannot be read or written.
    """
    number = versions.parse(version)
    moment = os.environ.get("SOURCE_DATE_EPOCH") or str(int(time.time()))
    # Tauri's own updater reads the version here, and minisign takes printable ASCII alone.
    name = quote(path.name, safe=_PRINTABLE)
    comment = f"timestamp:{moment}\tfile:{name}\tversion:{number}"
    try:
        with path.open("rb") as file:
            signature = key.sign(
                file, untrusted_comment="signature from transom", trusted_comment=comment
            )
    except OSError as error:
        raise UpdateError(f"{path} cannot be read: {error.strerror}") from error
    except Error as error:
        raise UpdateError(f"{path} cannot be signed: {error}") from error
    target = signature_file(path)
    write(target, base64.b64encode(bytes(signature) + b"\n"))
    return target


def verify(path: Path, signature: str, public_key: str, version: str | None = None) -> str:
    """Checks that a file was signed, by this key, for a version, which is returned.

    `version=None`: for any version.

    Raises:
        UntrustedError: The file was changed, the key is another one, or the signature is for
            another version or for none.
        UpdateError: The public key is none, or the file cannot be read.
    """
    key, read = keys.public_key(public_key), parse(signature)
    if not read.is_prehashed():
        raise UntrustedError("the signature is of minisign's old kind: sign the file anew")
    try:
        with path.open("rb") as file:
            key.verify(file, read)
    except OSError as error:
        raise UpdateError(f"{path} cannot be read: {error.strerror}") from error
    except Error as error:
        raise UntrustedError(
            f"{path.name} is not what the holder of the key {keys.key_id(key)} has signed: the "
            "file or its signature was changed, or another key has signed it"
        ) from error
    signed = _version(read)
    if signed is None:
        raise UntrustedError(
            f"the signature of {path.name} names no version: sign it by `transom updates sign "
            "--version`, or by `tauri signer sign --app-version`"
        )
    if version is not None and str(versions.parse(signed)) != str(versions.parse(version)):
        raise UntrustedError(
            f"{path.name} was signed as version {signed}, not as {version}: an old file is offered "
            "under a new version"
        )
    return signed


def parse(signature: str) -> Signature:
    """Reads the text of a `.sig` file.

    Raises:
        UntrustedError: It is no signature.
    """
    try:
        text = signature.strip().encode()
        if not text.startswith(b"untrusted comment:"):
            text = base64.b64decode(text, validate=True)
        return Signature.from_bytes(text)
    except (ValueError, binascii.Error) as error:
        raise UntrustedError("the signature cannot be read: sign the file anew") from error


def _version(signature: Signature) -> str | None:
    for item in signature.trusted_comment.split("\t"):
        if item.startswith("version:"):
            return item.removeprefix("version:")
    return None
