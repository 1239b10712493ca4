"""Makes keys, signs files, and lays out the folder of updates: `transom updates …`."""

import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from ..errors import TransomError

if TYPE_CHECKING:
    from .._updates.project import Settings

MISSING = """\
transom updates: {error}: this needs packages that are not installed.
Install them: pip install "transom[cli,updates]"
"""

app = typer.Typer(
    no_args_is_help=True, help="Sign new versions of an app, and publish them for its updater."
)

Folder = Annotated[
    Path, typer.Option("--config", help="The folder with Tauri.toml or tauri.conf.json.")
]
PublicKey = Annotated[
    str | None,
    typer.Option(
        "--pubkey", help="The public key, or its file. Else `plugins.updater.pubkey` is taken."
    ),
]


@app.callback()
def updates() -> None:
    """Sign new versions of an app, and publish them for its updater."""
    try:
        importlib.import_module("minisign")
        importlib.import_module("semver")
    except ModuleNotFoundError as error:
        if error.name not in ("minisign", "semver", "cryptography"):
            raise
        sys.stderr.write(MISSING.format(error=error))
        raise typer.Exit(1) from error


@app.command()
def keygen(
    file: Annotated[Path, typer.Argument(help="The file of the secret key, outside the project.")],
    force: Annotated[bool, typer.Option("--force", help="Replace a key that is there.")] = False,
) -> None:
    """Make a pair of keys: FILE, which only you may read, and FILE.pub."""
    from .._updates import files, keys  # noqa: PLC0415 - its packages may be missing

    public = file.with_name(f"{file.name}.pub")
    for path in (file, public):
        if os.path.lexists(path) and not force:
            fail(
                f"{path} is there already, and apps that trust it need it: choose another file, "
                "or give --force"
            )
    if not file.parent.is_dir():
        fail(f"there is no folder {file.parent}: make it")
    password = os.environ.get(keys.PASSWORD) or _ask_password(keys.PASSWORD)
    try:
        made = keys.generate(password)
        files.write(file, made.secret.encode(), files.SECRET)
        try:
            files.write(public, made.public.encode())
        except BaseException:
            if not force:
                file.unlink(missing_ok=True)
            raise
    except TransomError as error:
        fail(error)
    typer.echo(f"wrote {file} (secret: keep a copy of it and of its password) and {public}")
    typer.echo("The public key belongs in the configuration of the app:\n")
    typer.echo(f'[plugins.updater]\npubkey = "{made.public}"')


@app.command()
def sign(
    files: Annotated[list[Path], typer.Argument(help="What to sign: .deb, .AppImage, ….")],
    version: Annotated[
        str | None,
        typer.Option("--version", help="The version of the app. Else the configuration's."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="The secret key. Else the environment's.")
    ] = None,
    config: Folder = Path(),
) -> None:
    """Write FILE.sig beside each file, which says who made it and which version it is."""
    from .._updates import keys, signatures  # noqa: PLC0415 - its packages may be missing

    try:
        number = version or _settings(config).version
        if not number:
            fail("the version is not known: give --version, or set `version` in the configuration")
        text = keys.secret_text(key)
        password = os.environ.get(keys.PASSWORD)
        if password is None and sys.stdin.isatty():
            password = typer.prompt("Password of the key", hide_input=True, default="", err=True)
        secret = keys.secret_key(text, password or "")
        for file in files:
            if not file.is_file():
                fail(f"there is no file {file}")
        for file in files:
            typer.echo(f"wrote {signatures.sign(file, number, secret)}")
    except TransomError as error:
        fail(error)


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="The folder that a web server gives out.")],
    files: Annotated[list[Path], typer.Argument(help="Signed files of one version.")],
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where FOLDER is on the web. Else the updater's endpoint says."),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option("--notes", help="What has changed: a text, or a CHANGELOG.md."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", help="Like linux-x86_64, if the names do not say it.")
    ] = None,
    pubkey: PublicKey = None,
    config: Folder = Path(),
    force: Annotated[
        bool, typer.Option("--force", help="Also a version that is not newer.")
    ] = False,
) -> None:
    """Add signed files to FOLDER, and tell apps by latest.json that there is a new version."""
    from .._updates import changes, publishing  # noqa: PLC0415 - its packages may be missing

    try:
        settings = _settings(config)
        key = _public_key(pubkey, settings)
        signed = [publishing.signed(it, key, target) for it in files]
        text = None
        if notes is not None:
            text = changes.notes_in(notes, signed[0].version)
        elif (changelog := config / "CHANGELOG.md").is_file():
            text = changes.notes_in(changelog, signed[0].version)
        address = url or settings.base_url
        if not address:
            fail(
                "the address of the folder on the web is not known: give --url, or let "
                "`plugins.updater.endpoints` end with /latest.json"
            )
        made = publishing.publish(folder, signed, url=address, notes=text, force=force)
    except TransomError as error:
        fail(error)
    typer.echo(f"{folder / publishing.LATEST} is version {made.version}, for:")
    for name, platform in sorted(made.platforms.items()):
        typer.echo(f"  {name}: {platform.url}")


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="Files with their .sig beside them.")],
    version: Annotated[
        str | None, typer.Option("--version", help="The version that they must be.")
    ] = None,
    pubkey: PublicKey = None,
    config: Folder = Path(),
) -> None:
    """Check that files are what was signed."""
    from .._updates import publishing, signatures  # noqa: PLC0415 - its packages may be missing

    try:
        key = _public_key(pubkey, None if pubkey else _settings(config))
        for file in files:
            found = publishing.signature_of(file)
            signed = signatures.verify(file, found, key, version)
            typer.echo(f"{file} is version {signed}, as it was signed")
    except TransomError as error:
        fail(error)


def fail(error: object) -> NoReturn:
    """Ends with the status 1 and says why."""
    typer.echo(f"transom updates: {error}", err=True)
    raise typer.Exit(1)


def _ask_password(variable: str) -> str:
    if not sys.stdin.isatty():
        fail(f"a key needs a password: run this in a terminal, or set {variable}")
    password: str = typer.prompt(
        "Password of the new key", hide_input=True, confirmation_prompt=True, err=True
    )
    return password


def _settings(folder: Path) -> "Settings":
    from .._updates.project import settings_in  # noqa: PLC0415 - its packages may be missing

    return settings_in(folder)


def _public_key(given: str | None, settings: "Settings | None") -> str:
    if given is not None:
        try:
            file = Path(given).expanduser()
            return file.read_text(encoding="ascii") if file.is_file() else given
        except (OSError, ValueError):
            return given
    if settings is None or not settings.public_key:
        fail("there is no public key: give --pubkey, or set `plugins.updater.pubkey`")
    return settings.public_key
