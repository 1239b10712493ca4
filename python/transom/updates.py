"""Finds, downloads, verifies and installs new versions of an app.

    update = await updates.check(app_handle)
    if update is not None:
        file = await update.download(on_progress=lambda done, total: ...)
        updates.restart(app_handle, await update.install(file))

The signature must carry the version that the server announces. Needs `transom[updates]`. `transom
updates` on the command line makes the keys, the signatures, and the folder that a server gives out.
"""

from ._exported import claim as _claim

try:
    from ._updates.client.installing import Installed, started
    from ._updates.client.starting import restart, reverted
    from ._updates.client.update import Update, check
    from ._updates.errors import UntrustedError, UpdateError
    from ._updates.keys import signing_key
    from ._updates.signatures import sign, verify
except ModuleNotFoundError as _missing:
    if _missing.name not in ("minisign", "semver", "cryptography"):
        raise
    raise ImportError(
        f'{_missing}: updates need packages that are not installed: pip install "transom[updates]"',
        name=_missing.name,
    ) from _missing

__all__ = [
    "Installed",
    "UntrustedError",
    "Update",
    "UpdateError",
    "check",
    "restart",
    "reverted",
    "sign",
    "signing_key",
    "started",
    "verify",
]

_claim(globals())
