"""Makes keys for tests of updates, and signs and publishes files with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from update_server import Served

from transom._updates import keys, publishing, signatures

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Keys:
    """A pair of keys: as files' texts, and the secret one ready to sign."""

    texts: keys.Generated
    secret: keys.SigningKey

    @property
    def public(self) -> str:
        return self.texts.public

    @staticmethod
    def made() -> Keys:
        texts = keys.generate(PASSWORD)
        return Keys(texts, keys.secret_key(texts.secret, PASSWORD))


@dataclass(frozen=True)
class Release:
    """`release("1.1.0", b"…")` signs a file and publishes it, and returns where it was built."""

    room: Path
    pair: Keys
    served: Served

    def __call__(
        self,
        version: str,
        data: bytes,
        name: str = "app_x86_64.AppImage",
        *,
        notes: str | None = None,
    ) -> Path:
        built = self.room / version
        built.mkdir(parents=True, exist_ok=True)
        (built / name).write_bytes(data)
        signatures.sign(built / name, version, self.pair.secret)
        files = [publishing.signed(built / name, self.pair.public)]
        publishing.publish(self.served.folder, files, url=self.served.url, notes=notes)
        return built / name
