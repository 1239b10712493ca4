"""Looks for a newer version, downloads it, and checks that it is what was signed."""

import ssl
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from anyio import from_thread, to_thread

from .. import manifest, signatures, targets, versions
from ..errors import UpdateError
from ..project import Settings, settings_of
from . import installing, requests
from .installing import Installation, Installed
from .requests import OnProgress

_MANIFEST_LIMIT = 1024 * 1024


class Configured(Protocol):
    """What has a configuration: an `AppHandle`."""

    def config(self) -> Mapping[str, Any]:
        """The configuration, as in `tauri.conf.json`."""
        ...


@dataclass(frozen=True)
class Update:
    """A newer version that the server has."""

    version: str
    current_version: str
    notes: str | None
    date: datetime | None
    url: str
    signature: str = field(repr=False)
    public_key: str = field(repr=False)
    timeout: float = field(repr=False)
    context: ssl.SSLContext = field(repr=False)

    @property
    def file_name(self) -> str:
        """The name of the file, as it was published."""
        name = Path(unquote(urlsplit(self.url).path)).name
        return name if name.isprintable() and name.strip(".") else "update"

    async def download(
        self, folder: Path | None = None, *, on_progress: OnProgress | None = None
    ) -> Path:
        """Downloads the file and verifies it. A cancel leaves nothing of it.

        Args:
            folder: Where to put it. `None`: a new folder for temporary files.
            on_progress: Is called with the bytes that have come and their number, or `None` if the
                server does not say it, on the event loop's thread.

        Raises:
            UpdateError: It does not come, or cannot be written.
            UntrustedError: It is not what was signed for this version.
        """
        requests.check_https(self.url)
        stop = threading.Event()
        try:
            # Left alone when the caller is cancelled: the thread sees that at the next chunk.
            return await to_thread.run_sync(
                self._download, folder, on_progress, stop, abandon_on_cancel=True
            )
        finally:
            stop.set()

    def verify(self, file: Path) -> None:
        """Checks that a file is what was signed for this version.

        Raises:
            UntrustedError: It is not.
            UpdateError: It cannot be read.
        """
        signatures.verify(file, self.signature, self.public_key, self.version)

    async def install(self, file: Path, *, into: Path | None = None) -> Installed:
        """Puts the new version in the place of this one, which is kept beside it.

        The file is verified once more, as it is then installed. End the app soon after, by
        `transom.updates.restart`: until then it may import modules of either version.

        Args:
            file: What `download` has returned.
            into: The AppImage, or the folder of an unpacked archive, that is replaced. `None`:
                the AppImage or Debian package that this app runs from.

        Raises:
            UpdateError: It cannot be installed. The old version is in its place.
            UntrustedError: It is not what was signed for this version.
        """
        return await to_thread.run_sync(self._install, file, into)

    def _install(self, file: Path, into: Path | None) -> Installed:
        where = Installation.here() if into is None else Installation.at(into)
        kind = targets.kind_of(self.file_name)
        if kind is None or kind[1] != where.kind:
            raise UpdateError(
                f"{self.file_name} cannot be installed over {where}: publish a file of that kind"
            )
        return installing.install(file, where, self.verify)

    def _download(
        self, folder: Path | None, on_progress: OnProgress | None, stop: threading.Event
    ) -> Path:
        def progress(done: int, total: int | None) -> None:
            if on_progress is not None and not stop.is_set():
                from_thread.run_sync(on_progress, done, total)

        name = self.file_name
        made: Path | None = None
        try:
            if folder is None:
                folder = made = Path(tempfile.mkdtemp(prefix="transom-update-"))
            with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as room:
                part = Path(room, name)
                with part.open("wb") as file:
                    requests.load(
                        self.url,
                        file,
                        self.context,
                        self.timeout,
                        progress=progress,
                        stopped=stop.is_set,
                    )
                if stop.is_set():
                    raise UpdateError("the download was cancelled")
                self.verify(part)
                return part.replace(folder / name)
        except BaseException as error:
            if made is not None:
                made.rmdir()
            if isinstance(error, OSError):
                raise UpdateError(f"{name} cannot be written: {error}") from error
            raise


async def check(
    app: Configured,
    *,
    endpoints: Sequence[str] | None = None,
    public_key: str | None = None,
    timeout: float = 30.0,
    context: ssl.SSLContext | None = None,
) -> Update | None:
    """Asks the server for a newer version. `None`: there is none.

    The endpoints are asked in turn, until one answers with a manifest.

    Args:
        app: The `AppHandle`, whose configuration gives the version of this app and, in
            `plugins.updater`, what the next two are if they are not given.
        endpoints: Addresses by https. `{{target}}`, `{{arch}}`, `{{bundle_type}}` and
            `{{current_version}}` in them are filled in, as Tauri's updater does.
        public_key: The text of the `.pub` file.
        timeout: How many seconds a server may be silent.
        context: Whom to trust. `None`: whom the system trusts, and `SSL_CERT_FILE`.

    Raises:
        UpdateError: No server answers, or the configuration lacks something.
    """
    settings = settings_of(app.config())
    asked = tuple(endpoints) if endpoints is not None else settings.endpoints
    key = public_key if public_key is not None else settings.public_key
    if not asked:
        raise UpdateError("no server is known: set `plugins.updater.endpoints`")
    if not key:
        raise UpdateError(
            "no public key is known: set `plugins.updater.pubkey` to the text of the `.pub` file"
        )
    if not settings.version:
        raise UpdateError("the version of this app is not known: set `version`")
    look = _Look(settings, asked, key, timeout, context)
    return await to_thread.run_sync(look, abandon_on_cancel=True)


@dataclass(frozen=True)
class _Look:
    settings: Settings
    endpoints: Sequence[str]
    public_key: str
    timeout: float
    context: ssl.SSLContext | None

    def __call__(self) -> Update | None:
        context = self.context or requests.trusted()
        refused = UpdateError("no server was asked")
        for endpoint in self.endpoints:
            url = self._filled(endpoint)
            try:
                data = requests.get(url, context, self.timeout, _MANIFEST_LIMIT)
                return None if data is None else self._update(manifest.parse(data, url), context)
            except UpdateError as error:
                refused = error
        raise refused

    def _filled(self, endpoint: str) -> str:
        system, architecture = targets.here()
        words = {
            "target": system,
            "arch": architecture,
            "bundle_type": Installation.kind_here() or "",
            "current_version": quote(self.settings.version, safe=""),
        }
        for name, word in words.items():
            endpoint = endpoint.replace(f"{{{{{name}}}}}", word)
        return endpoint

    def _update(self, found: manifest.Manifest, context: ssl.SSLContext) -> Update | None:
        newest, current = versions.parse(found.version), versions.parse(self.settings.version)
        if newest.compare(current) <= 0:
            return None
        system = "-".join(targets.here())
        keys = [f"{system}-{kind}" for kind in (Installation.kind_here(),) if kind] + [system]
        platform = next((found.platforms[it] for it in keys if it in found.platforms), None)
        if platform is None:
            raise UpdateError(
                f"version {newest} is not published for {' or '.join(keys)}, but for "
                f"{', '.join(sorted(found.platforms)) or 'no system'}"
            )
        return Update(
            version=str(newest),
            current_version=str(current),
            notes=found.notes,
            date=found.pub_date,
            url=platform.url,
            signature=platform.signature,
            public_key=self.public_key,
            timeout=self.timeout,
            context=context,
        )
