"""Tests keys and signatures: what verifies, what does not, and that other tools' files are read."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from update_keys import PASSWORD, Keys

from transom import updates
from transom._updates import keys, signatures
from transom.updates import UntrustedError, UpdateError

FILES = Path(__file__).parent / "files"
"""Made by tauri-cli 2.12.5 and minisign 0.11. The password is `secret`."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app_1.0.0_amd64.deb"
    path.write_bytes(b"what the app is" * 10_000)
    return path


def signature(file: Path) -> str:
    return signatures.signature_file(file).read_text()


def test_a_signed_file_verifies_for_its_version(file: Path, pair: Keys) -> None:
    assert signatures.sign(file, "1.0.0", pair.secret) == Path(f"{file}.sig")
    assert signatures.verify(file, signature(file), pair.public) == "1.0.0"
    assert signatures.verify(file, signature(file), pair.public, "v1.0.0") == "1.0.0"


def test_the_signature_says_what_tauris_says(
    file: Path, pair: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    signatures.sign(file, "1.0.0", pair.secret)
    first = signature(file)
    lines = base64.b64decode(first).decode().splitlines()
    assert lines[2] == (
        "trusted comment: timestamp:1700000000\tfile:app_1.0.0_amd64.deb\tversion:1.0.0"
    )
    assert base64.b64decode(lines[1])[:2] == b"ED", "it is not prehashed"
    signatures.sign(file, "1.0.0", pair.secret)
    assert signature(file) == first


def test_a_name_that_minisign_cannot_write_is_quoted(tmp_path: Path, pair: Keys) -> None:
    path = tmp_path / "Café\t1_x64.deb"
    path.write_bytes(b"x")
    signatures.sign(path, "1.0.0+build.5", pair.secret)
    text = base64.b64decode(signature(path)).decode()
    assert "file:Caf%C3%A9%091_x64.deb\tversion:1.0.0+build.5" in text
    assert signatures.verify(path, signature(path), pair.public) == "1.0.0+build.5"


def test_a_changed_byte_is_refused(file: Path, pair: Keys) -> None:
    signatures.sign(file, "1.0.0", pair.secret)
    data = bytearray(file.read_bytes())
    data[70_000] ^= 1
    file.write_bytes(data)
    with pytest.raises(UntrustedError, match="was changed"):
        signatures.verify(file, signature(file), pair.public)


def test_another_key_is_refused(file: Path, pair: Keys, other_pair: Keys) -> None:
    signatures.sign(file, "1.0.0", other_pair.secret)
    with pytest.raises(UntrustedError, match="another key"):
        signatures.verify(file, signature(file), pair.public)


def test_an_old_file_under_a_new_version_is_refused(file: Path, pair: Keys) -> None:
    signatures.sign(file, "1.0.0", pair.secret)
    with pytest.raises(UntrustedError, match=r"signed as version 1\.0\.0, not as 1\.1\.0"):
        signatures.verify(file, signature(file), pair.public, "1.1.0")
    # The version is signed too.
    forged = base64.b64encode(
        base64.b64decode(signature(file)).replace(b"version:1.0.0", b"version:1.1.0")
    )
    with pytest.raises(UntrustedError, match="its signature was changed"):
        signatures.verify(file, forged.decode(), pair.public, "1.1.0")


def test_a_signature_without_a_version_is_refused(file: Path, pair: Keys) -> None:
    made = pair.secret.sign(file.read_bytes(), trusted_comment="timestamp:1\tfile:app")
    with pytest.raises(UntrustedError, match="names no version"):
        signatures.verify(file, base64.b64encode(bytes(made)).decode(), pair.public)


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", base64.b64encode(b"\xff\n" * 4).decode()])
def test_what_is_no_signature_or_key_is_refused(file: Path, pair: Keys, text: str) -> None:
    with pytest.raises(UntrustedError, match="cannot be read"):
        signatures.verify(file, text, pair.public)
    with pytest.raises(UpdateError, match="public key cannot be read"):
        keys.public_key(text)
    with pytest.raises(UpdateError, match="no secret key"):
        keys.secret_key(text, "")


@pytest.mark.parametrize("version", ["", "1.0", "1.0.0\tversion:2.0.0", "newest"])
def test_what_is_no_version_is_not_signed(file: Path, pair: Keys, version: str) -> None:
    with pytest.raises(UpdateError, match="is no version"):
        signatures.sign(file, version, pair.secret)
    assert not signatures.signature_file(file).exists()


def test_the_password_is_needed(pair: Keys) -> None:
    with pytest.raises(UpdateError, match="password of the secret key is another one"):
        keys.secret_key(pair.texts.secret, "wrong")
    assert pair.texts.secret not in repr(pair.texts)


def test_the_key_comes_from_the_environment(tmp_path: Path, pair: Keys) -> None:
    file = tmp_path / "key"
    file.write_text(pair.texts.secret)
    for given in (
        {keys.KEY: pair.texts.secret},
        {keys.KEY: str(file)},
        {keys.KEY_PATH: str(file)},
    ):
        assert keys.secret_text(None, given) == pair.texts.secret
    assert keys.secret_text(file, {keys.KEY: "another"}) == pair.texts.secret
    key = updates.signing_key({keys.KEY_PATH: str(file), keys.PASSWORD: PASSWORD})
    assert bytes(key.get_public_key()) == bytes(pair.secret.get_public_key())
    with pytest.raises(UpdateError, match="there is no key to sign with"):
        updates.signing_key({})
    with pytest.raises(UpdateError, match="cannot be read"):
        updates.signing_key({keys.KEY: str(tmp_path / "none.key")})


@pytest.mark.parametrize("maker", ["tauri", "minisign"])
def test_signatures_of_other_tools_verify(maker: str) -> None:
    public = (FILES / f"{maker}.pub").read_text()
    signed = FILES / "signed.txt"
    text = (FILES / f"{maker}.sig").read_text()
    assert signatures.verify(signed, text, public, "1.2.3") == "1.2.3"
    with pytest.raises(UntrustedError):
        signatures.verify(signed, text, public, "1.2.4")


def test_keys_of_tauri_sign(file: Path) -> None:
    secret = keys.secret_key((FILES / "tauri.key").read_text(), "secret")
    signatures.sign(file, "1.0.0", secret)
    public = (FILES / "tauri.pub").read_text()
    assert signatures.verify(file, signature(file), public) == "1.0.0"
