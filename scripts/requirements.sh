# What a machine must have before the checkout can be built; sourced by setup.sh.
# Debian and Ubuntu get their system packages installed; elsewhere the lists are printed.

RUST=1.89 NODE=20.19 PYTHON_MIN=3.11

DEBIAN_PACKAGES=(
  build-essential pkg-config libgtk-3-dev libwebkit2gtk-4.1-dev librsvg2-dev
  webkit2gtk-driver xvfb xauth dbus dbus-x11 fonts-dejavu-core ca-certificates
  libayatana-appindicator3-1 xdotool x11-utils openbox xfce4-panel dunst
)

say() { printf '%s\n' "$@" >&2; }
give_up() {
  say "" "setup: $1" "${@:2}"
  trap - EXIT
  exit 1
}

# at_least HAVE WANT: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

apt_install() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || give_up "these packages are missing: $*" \
      "As root, run:  apt-get install -y $*"
    as_root=(sudo)
  fi
  say "▸ System packages: $*"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  "${as_root[@]+"${as_root[@]}"}" "${apt[@]}" update </dev/null >&2
  local packages=("$@")
  # Debian's name for WebKit's driver changed after Debian 13.
  if apt-cache show webkitgtk-webdriver >/dev/null 2>&1; then
    packages=("${packages[@]/#webkit2gtk-driver/webkitgtk-webdriver}")
  fi
  "${as_root[@]+"${as_root[@]}"}" "${apt[@]}" install -y --no-install-recommends \
    "${packages[@]}" </dev/null >&2
}

apt_missing() {
  local package
  for package in "$@"; do
    [ "$package" = webkit2gtk-driver ] && command -v WebKitWebDriver >/dev/null && continue
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

require_system_packages() {
  case "$(uname -s)" in
    Darwin)
      xcode-select -p >/dev/null 2>&1 ||
        give_up "Apple's command line tools are missing." "Run:  xcode-select --install"
      return ;;
    MINGW* | MSYS* | CYGWIN*)
      say "Windows: needed are Microsoft's C++ Build Tools and the WebView2 runtime" \
        "(part of Windows 11), see https://tauri.app/start/prerequisites/"
      return ;;
  esac
  if has_apt; then
    local missing
    missing="$(apt_missing "${DEBIAN_PACKAGES[@]}")"
    # shellcheck disable=SC2086  # one word per package
    [ -z "$missing" ] || apt_install $missing
  elif ! pkg-config --exists webkit2gtk-4.1 gtk+-3.0 librsvg-2.0 2>/dev/null ||
    ! command -v WebKitWebDriver xvfb-run dbus-run-session cc >/dev/null; then
    give_up "system packages are missing. Install them and run this again." \
      "Fedora:    sudo dnf install gcc pkgconf-pkg-config webkit2gtk4.1-devel gtk3-devel \\" \
      "             librsvg2-devel webkit2gtk-driver xorg-x11-server-Xvfb xorg-x11-xauth dbus-daemon" \
      "Arch:      sudo pacman -S --needed base-devel webkit2gtk-4.1 gtk3 librsvg xorg-server-xvfb \\" \
      "             xorg-xauth dbus" \
      "openSUSE:  sudo zypper install gcc pkg-config webkit2gtk3-devel gtk3-devel librsvg-devel \\" \
      "             xorg-x11-server-Xvfb xauth dbus-1-daemon" \
      "Others:    WebKitGTK 4.1 with its WebKitWebDriver, GTK 3, librsvg (all with headers)," \
      "             a C compiler, pkg-config, Xvfb with xvfb-run, dbus-run-session" \
      "For tests of menus and tray icons also: xdotool, xprop, openbox, xfce4-panel, dunst"
  fi
}

require_cargo() {
  # rustup's shell set-up may not have reached this shell yet.
  command -v cargo >/dev/null || export PATH="$HOME/.cargo/bin:$PATH"
  local have
  have="$(rustc --version 2>/dev/null | cut -d ' ' -f 2)" || true
  if [ -z "$have" ] || ! at_least "${have%%-*}" "$RUST"; then
    give_up "Rust $RUST or newer is needed; found: ${have:-none}." \
      "Install or update it from https://rustup.rs:" \
      "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y     # new" \
      "  rustup update stable                                                        # update"
  fi
  command -v cargo >/dev/null || give_up "rustc is there and cargo is not: install cargo too."
}

require_node() {
  local have
  have="$(node --version 2>/dev/null | tr -d v)" || true
  if [ -z "$have" ] || ! at_least "$have" "$NODE"; then
    give_up "Node.js $NODE or newer is needed; found: ${have:-none}." \
      "Install it from https://nodejs.org, or with a version manager:  nvm install 22"
  fi
  command -v npm >/dev/null || give_up "node is there and npm is not: install npm too."
}

# Prints the interpreter to use: $PYTHON, or the first on PATH that is new enough.
require_python() {
  local candidate
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
    "$candidate" -c "import sys; sys.exit(sys.version_info < (${PYTHON_MIN/./, }))" 2>/dev/null ||
      continue
    complete_python "$candidate"
    echo "$candidate"
    return
  done
  give_up "Python $PYTHON_MIN or newer is needed; found: $(python3 --version 2>&1 || echo none)." \
    "Install it (https://www.python.org/downloads/, or your system's packages), or name one:" \
    "  PYTHON=/path/to/python3 make test"
}

# Distributions split off two parts of Python: venv, and the library that Rust's tests link.
complete_python() {
  local missing=()
  "$1" -c "import venv, ensurepip" 2>/dev/null || missing+=(venv)
  "$1" - <<'PY' || missing+=(dev)
import pathlib, sys, sysconfig
get = sysconfig.get_config_var
library = pathlib.Path(get("LIBDIR") or "", get("LDLIBRARY") or "")
multiarch = pathlib.Path(get("LIBDIR") or "", get("MULTIARCH") or "", get("LDLIBRARY") or "")
sys.exit(bool(get("Py_ENABLE_SHARED")) and not (library.is_file() or multiarch.is_file()))
PY
  [ ${#missing[@]} -gt 0 ] || return 0
  local version
  version="$("$1" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"
  has_apt || give_up "$1 lacks ${missing[*]}: install the packages of that name for $version."
  apt_install "${missing[@]/#/$version-}"
}
