#!/usr/bin/env bash
# Sets up all that `make run` and `make test` need: system packages, .venv, this package in it.
# What is there already is left alone, so that a second run costs nothing.
#   scripts/setup.sh EXTRAS     e.g. "server,microphone" or "dev"
set -euo pipefail
cd "$(dirname "$0")/.."
extras=$1
python=${PYTHON:-python3}
stamp=.venv/.ready-${extras//,/-}

say() { printf '%s\n' "$*" >&2; }

# PortAudio (with a compiler and Python's headers: PyAudio comes as source), espeak-ng, aplay, and venv.
packages=(espeak-ng libespeak-ng1 alsa-utils portaudio19-dev gcc libc6-dev)
case $(command -v "$python" || true) in
    "") packages+=(python3 python3-venv python3-dev) ;;
    /usr/bin/*) packages+=(python3-venv python3-dev) ;;
esac

# What tests alone need: a sound system that can be unplugged, a proxy, a broker, databases, a browser.
case ,$extras, in
    *,dev,*)
        packages+=(pulseaudio pulseaudio-utils libasound2-plugins nginx mosquitto postgresql redis-server)
        # A browser; Ubuntu has it as a snap alone, for which tests are skipped.
        if grep -qs '^ID=debian' /etc/os-release; then packages+=(chromium); fi
        ;;
esac

missing=()
if command -v dpkg-query >/dev/null; then
    for p in "${packages[@]}"; do
        dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
    done
fi
if [ ${#missing[@]} -gt 0 ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
        say "Installing system packages: ${missing[*]}"
        { $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >.apt.log 2>&1 \
            && rm -f .apt.log \
            || say "apt-get failed (see .apt.log). To try again: sudo apt-get update && sudo apt-get install -y ${missing[*]}"
    else
        say "Some system packages are missing, and this user may not install them. To install them, run:"
        say "    sudo apt-get update && sudo apt-get install -y ${missing[*]}"
        say "Going on with what is here."
    fi
fi

if ! command -v "$python" >/dev/null || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
    say "Python 3.10 or later is needed. Where another one is installed: make PYTHON=/path/to/python3.12 ..."
    exit 1
fi

# Without pip it is the half of one: venv was cut short, or python3-venv was not there.
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    "$python" -m venv .venv || { say "No virtual environment could be made. Run: sudo apt-get install -y python3-venv"; exit 1; }
fi

if [ ! -e "$stamp" ] || [ setup.cfg -nt "$stamp" ] || [ pyproject.toml -nt "$stamp" ]; then
    say "Installing the package with what it needs into .venv (once; about a minute)"
    if ! .venv/bin/python -m pip install --disable-pip-version-check --editable ".[$extras]" >.venv/install.log 2>&1; then
        tail -n 20 .venv/install.log >&2
        say "The package could not be installed; the whole story is in .venv/install.log."
        exit 1
    fi
    if ! .venv/bin/python -m pip install -q --disable-pip-version-check --editable ".[microphone]" >.venv/microphone.log 2>&1; then
        say "PyAudio could not be installed, so there is no microphone; all else works. It needs: sudo apt-get install -y portaudio19-dev gcc python3-dev"
    fi
    touch "$stamp"
fi
