#!/bin/sh
# Say what is missing before pip does: a fitting Python, and its venv module (a package of its own on Debian).
python=${1:-python3}
if ! command -v "$python" >/dev/null; then
    echo "edge-engage: there is no $python here. Install it: sudo apt install python3 python3-venv" >&2
    exit 2
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'; then
    echo "edge-engage: $("$python" --version) does not fit; Python 3.10 to 3.13 does. Name one: make PYTHON=python3.12 …" >&2
    exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "edge-engage: Python's venv module is missing. Install it: sudo apt install python3-venv (or python$version-venv)" >&2
    exit 2
fi
