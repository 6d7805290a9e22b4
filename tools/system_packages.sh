#!/usr/bin/env bash
# Make sure the programs that come from the system are there.
#   tools/system_packages.sh chromium firefox postgresql gettext
# As root on Debian or Ubuntu they are installed; otherwise the command to type is named.
set -euo pipefail

has() {
    case "$1" in
        chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
        firefox) command -v firefox-esr || command -v firefox ;;
        postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
        compiler) command -v c++ || command -v g++ || command -v clang++ ;;
        headers) has_headers ;;
        gettext) command -v xgettext ;;
        minisign) command -v minisign ;;
        venv) python3 -c 'import ensurepip' 2>/dev/null ;;
        fonts) compgen -G '/usr/share/fonts/truetype/dejavu/*.ttf' || [ "$(uname)" != Linux ] ;;
        *) echo "system_packages.sh does not know “$1”." >&2; exit 2 ;;
    esac >/dev/null
}

has_headers() {
    "${PYTHON:-python3}" -c 'import pathlib, sys, sysconfig; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())'
}

package() {
    case "$1" in
        fonts) echo fonts-dejavu-core ;;
        firefox) if grep -qs '^ID=ubuntu' /etc/os-release; then echo firefox; else echo firefox-esr; fi ;;
        venv) echo python3-venv ;;
        compiler) echo g++ ;;
        headers) echo python3-dev ;;
        *) echo "$1" ;;
    esac
}

missing=()
for name in "$@"; do
    has "$name" || missing+=("$(package "$name")")
done
[ ${#missing[@]} -gt 0 ] || exit 0

command="apt-get install --no-install-recommends -y ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    echo "These programs are missing: ${missing[*]}. Install them with your system's package manager, then start again." >&2
    exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "These programs are missing: ${missing[*]}. Install them, then start again:" >&2
    echo "    sudo $command" >&2
    exit 1
fi

echo "▸ Installing from the system: ${missing[*]}"
log="$(mktemp)"
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && $command; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "The system packages could not be installed. The command was: $command" >&2
    exit 1
fi
rm -f "$log"
