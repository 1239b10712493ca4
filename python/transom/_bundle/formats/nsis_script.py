"""Writes the scripts of NSIS: of the program that starts the app, and of its installer."""

from dataclasses import dataclass
from pathlib import Path

from .. import launcher as start
from ..project import AppProject

WEBVIEW = "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
"""By this name Windows knows WebView2, which shows the pages."""
PARTS = ("app", "runtime", "licences")


@dataclass(frozen=True)
class Installer:
    """What is in an installer, and how it is made. All paths are absolute."""

    project: AppProject
    payload: Path
    program: Path
    """Starts the app."""
    icon: Path
    file: Path
    per_machine: bool
    licence: Path | None
    """A text that the user has to agree to."""
    level: int
    """How well it is compressed, from 0 to 9."""
    sign: str | None
    """The command that signs the uninstaller, with `%1` for the file."""


def text(words: str) -> str:
    """The words as a string of NSIS."""
    line = " ".join(words.split()).replace("$", "$$").replace('"', '$\\"')
    return f'"{line}"'


def launcher(project: AppProject, icon: Path, file: Path) -> str:
    """The script of a program that starts the app, waits for its end and ends as it did."""
    name, script = project.name, start.script_of(project)
    path = "" if script is None else text(script.replace("/", "\\"))[1:-1].replace("`", "$\\`")
    what = f"-m {project.module}" if script is None else f'"$EXEDIR\\app\\{path}"'
    command = " ".join(
        [
            f'"$EXEDIR\\runtime\\{name}.exe"',
            *start.flags(project),
            f'-X "transom.launcher=$EXEDIR\\{name}.exe"',
            what,
            "$R0",
        ]
    )
    return f"""\
Unicode true
ManifestDPIAware true
!include FileFunc.nsh
Name {text(project.title)}
OutFile {text(str(file))}
Icon {text(str(icon))}
RequestExecutionLevel user
SilentInstall silent
CRCCheck off
Section
  ${{GetParameters}} $R0
  ExecWait `{command}` $R1
  SetErrorLevel $R1
SectionEnd
"""


def installer(given: Installer) -> str:
    """The script of the installer."""
    return "\n".join([*_head(given), *_pages(given), *_install(given), *_uninstall(given), ""])


def _root(given: Installer) -> str:
    return "HKLM" if given.per_machine else "HKCU"


def _key(project: AppProject) -> str:
    return f"Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{project.identifier}"


def _head(given: Installer) -> list[str]:
    project = given.project
    home = (
        f"$PROGRAMFILES64\\{project.name}"
        if given.per_machine
        else f"$LOCALAPPDATA\\Programs\\{project.name}"
    )
    return [
        "Unicode true",
        "ManifestDPIAware true",
        "SetDateSave off",
        "SetCompress off" if given.level == 0 else "SetCompressor /SOLID lzma",
        "!include MUI2.nsh",
        "!include FileFunc.nsh",
        "!include x64.nsh",
        f"Name {text(project.title)}",
        f"OutFile {text(str(given.file))}",
        f"BrandingText {text(f'{project.title} {project.version}')}",
        f"RequestExecutionLevel {'admin' if given.per_machine else 'user'}",
        f'InstallDir "{home}"',
        f'InstallDirRegKey {_root(given)} "{_key(project)}" "InstallLocation"',
        f"!define MUI_ICON {text(str(given.icon))}",
        f"!define MUI_UNICON {text(str(given.icon))}",
        *([f"!uninstfinalize `{given.sign}` = 0"] if given.sign else []),
    ]


def _pages(given: Installer) -> list[str]:
    return [
        f'!define MUI_FINISHPAGE_RUN "$INSTDIR\\{given.project.name}.exe"',
        *([f"!insertmacro MUI_PAGE_LICENSE {text(str(given.licence))}"] if given.licence else []),
        "!insertmacro MUI_PAGE_DIRECTORY",
        "!insertmacro MUI_PAGE_INSTFILES",
        "!insertmacro MUI_PAGE_FINISH",
        "!insertmacro MUI_UNPAGE_CONFIRM",
        "!insertmacro MUI_UNPAGE_INSTFILES",
        '!insertmacro MUI_LANGUAGE "English"',
    ]


def _begin(given: Installer, un: str) -> list[str]:
    """The functions that run first: which registry counts, and that the app does not run.

    `un`: nothing, or `un.`, which the names of an uninstaller's functions begin with.
    """
    project = given.project
    running = f"$INSTDIR\\runtime\\{project.name}.exe"
    first = text(f"Close {project.title} first.")
    return [
        f"Function {un or '.'}onInit",
        *(["  SetShellVarContext all"] if given.per_machine else []),
        "  ${If} ${RunningX64}",
        "    SetRegView 64",
        "  ${EndIf}",
        "FunctionEnd",
        f"Function {un}WaitForEnd",
        "  again:",
        f'  IfFileExists "{running}" 0 ended',
        "  ClearErrors",
        # A program that runs cannot be written to.
        f'  FileOpen $0 "{running}" a',
        "  IfErrors 0 close",
        f"  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION {first} /SD IDCANCEL IDRETRY again",
        "  Abort",
        "  close:",
        "  FileClose $0",
        "  ended:",
        "FunctionEnd",
    ]


def _install(given: Installer) -> list[str]:
    project, key = given.project, _key(given.project)
    program = f"$INSTDIR\\{project.name}.exe"
    values = {
        "DisplayName": project.title,
        "DisplayVersion": project.version,
        "Publisher": project.author,
        "URLInfoAbout": project.homepage,
    }
    registered = [
        f'  WriteRegStr SHCTX "{key}" "{name}" {text(value)}' for name, value in values.items()
        if value
    ]  # fmt: skip
    return [
        *_begin(given, ""),
        "Section",
        "  Call WaitForEnd",
        # Files of an older version would be found by this one.
        *(f'  RMDir /r "$INSTDIR\\{it}"' for it in PARTS),
        *(
            line
            for part in PARTS
            for line in (
                f'  SetOutPath "$INSTDIR\\{part}"',
                f"  File /r {text(str(given.payload / part / '*'))}",
            )
        ),
        '  SetOutPath "$INSTDIR"',
        f"  File {text(str(given.program))}",
        '  WriteUninstaller "$INSTDIR\\uninstall.exe"',
        f'  CreateShortcut "$SMPROGRAMS\\{_shortcut(project)}.lnk" "{program}"',
        *registered,
        f'  WriteRegStr SHCTX "{key}" "DisplayIcon" "{program}"',
        f'  WriteRegStr SHCTX "{key}" "InstallLocation" "$INSTDIR"',
        f'  WriteRegStr SHCTX "{key}" "UninstallString" \'"$INSTDIR\\uninstall.exe"\'',
        f'  WriteRegStr SHCTX "{key}" "QuietUninstallString" \'"$INSTDIR\\uninstall.exe" /S\'',
        f'  WriteRegDWORD SHCTX "{key}" "NoModify" 1',
        f'  WriteRegDWORD SHCTX "{key}" "NoRepair" 1',
        '  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2',
        f'  WriteRegDWORD SHCTX "{key}" "EstimatedSize" $0',
        *_opens(given, program),
        *_webview(project),
        "SectionEnd",
    ]


def _opens(given: Installer, program: str) -> list[str]:
    """Has the URLs and files of the app start it."""
    lines: list[str] = []
    for scheme in given.project.schemes:
        key = f"Software\\Classes\\{scheme}"
        lines += [
            f'  WriteRegStr SHCTX "{key}" "" {text(f"URL:{given.project.title}")}',
            f'  WriteRegStr SHCTX "{key}" "URL Protocol" ""',
            f'  WriteRegStr SHCTX "{key}\\DefaultIcon" "" "{program},0"',
            f'  WriteRegStr SHCTX "{key}\\shell\\open\\command" "" \'"{program}" "%1"\'',
        ]
    for kind, ending, description in _endings(given.project):
        key = f"Software\\Classes\\{kind}"
        lines += [
            f'  WriteRegStr SHCTX "{key}" "" {text(description)}',
            f'  WriteRegStr SHCTX "{key}\\DefaultIcon" "" "{program},0"',
            f'  WriteRegStr SHCTX "{key}\\shell\\open\\command" "" \'"{program}" "%1"\'',
            f'  WriteRegStr SHCTX "Software\\Classes\\.{ending}\\OpenWithProgids" "{kind}" ""',
        ]
    return lines


def _endings(project: AppProject) -> list[tuple[str, str, str]]:
    """By ending: the name of its kind in the registry, the ending and a description."""
    return [
        (f"{project.identifier}.{it}", it, kind.description or f"{project.title} file")
        for kind in project.associations
        for it in kind.endings
    ]


def _webview(project: AppProject) -> list[str]:
    """Says what is missing on an old Windows. It is there with Windows 11, and mostly with 10."""
    client = f"Microsoft\\EdgeUpdate\\Clients\\{WEBVIEW}"
    said = f"{project.title} needs WebView2 of Microsoft. Install it: aka.ms/webview2"
    return [
        f'  ReadRegStr $0 HKLM "SOFTWARE\\WOW6432Node\\{client}" "pv"',
        '  ${If} $0 == ""',
        f'    ReadRegStr $0 HKCU "Software\\{client}" "pv"',
        "  ${EndIf}",
        '  ${If} $0 == ""',
        f"    MessageBox MB_OK|MB_ICONINFORMATION {text(said)} /SD IDOK",
        "  ${EndIf}",
    ]


def _uninstall(given: Installer) -> list[str]:
    project, classes = given.project, "Software\\Classes"
    return [
        *_begin(given, "un."),
        'Section "Uninstall"',
        "  Call un.WaitForEnd",
        *(f'  RMDir /r "$INSTDIR\\{it}"' for it in PARTS),
        f'  Delete "$INSTDIR\\{project.name}.exe"',
        '  Delete "$INSTDIR\\uninstall.exe"',
        # Only if nothing of the user's is in it.
        '  RMDir "$INSTDIR"',
        f'  Delete "$SMPROGRAMS\\{_shortcut(project)}.lnk"',
        *(f'  DeleteRegKey SHCTX "{classes}\\{it}"' for it in project.schemes),
        *(
            line
            for kind, ending, _ in _endings(project)
            for line in (
                f'  DeleteRegKey SHCTX "{classes}\\{kind}"',
                f'  DeleteRegValue SHCTX "{classes}\\.{ending}\\OpenWithProgids" "{kind}"',
            )
        ),
        f'  DeleteRegKey SHCTX "{_key(project)}"',
        "SectionEnd",
    ]


def _shortcut(project: AppProject) -> str:
    """The name of the shortcut: the title, without what no file may have in its name."""
    allowed = "".join(" " if it in '<>:"/\\|?*' else it for it in project.title)
    return text(allowed)[1:-1].strip()
