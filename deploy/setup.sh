#!/bin/sh
# Installs the pinned dependencies and the project itself into a virtual environment: `sh deploy/setup.sh .venv`.
# With uv when it is there, else with Python's own venv and pip. Called by `make setup`.
set -eu

venv=$1
lock=requirements/dev.txt
recent='import sys; sys.exit(sys.version_info < (3, 11))'
built='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))'

say() { printf '%s\n' "$*" >&2; }

# A command may exist and still not run: version managers put such shims on PATH.
# First those for which every dependency comes built; a newer one may have to compile some.
find_python() {
    for wanted in "$built" "$recent"; do
        for candidate in python3 python3.13 python3.12 python3.14 python3.11; do
            if "$candidate" -c "$wanted" >/dev/null 2>&1; then
                echo "$candidate"
                return
            fi
        done
    done
    return 1
}

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    say "Installing the dependencies with uv (some 400 MB on disk) ..."
    [ -x "$venv/bin/python" ] || uv venv --quiet --python '>=3.11,<3.15' "$venv" || return 1
    uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock" || return 1
    uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
}

with_pip() {
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        if ! python=$(find_python); then
            say "Kefu Bus needs Python 3.11 or newer, and none was found on PATH."
            say "What to do: install one (for example 'apt-get install python3 python3-venv') or uv, then try again."
            return 1
        fi
        if ! "$python" -m venv --clear "$venv"; then
            say "What to do: install the venv module of $python (on Debian and Ubuntu: python3-venv), then try again."
            return 1
        fi
    fi
    say "Installing the dependencies with pip (some 400 MB on disk, a minute or two) ..."
    # The hashes are checked by pip itself; a cache would only double the space.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" &&
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

# One that was copied, or whose Python has gone or is too old, is made anew.
if [ -e "$venv" ] && ! "$venv/bin/python" -c "$recent" >/dev/null 2>&1; then
    rm -rf "$venv"
fi

started=$(date +%s)
if ! with_uv; then
    if command -v uv >/dev/null 2>&1; then say "uv could not do it; trying pip."; fi
    with_pip
fi
say "Installed in $(($(date +%s) - started)) s."
