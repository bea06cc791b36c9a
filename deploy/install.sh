#!/bin/sh
# Install edge-engage from this checkout as a systemd service, or bring an installation up to date. Safe to repeat.
#
#   sudo deploy/install.sh [--no-start] [--wheels FOLDER]     (deploy/uninstall.sh takes it off again)
#
# --no-start       leave the service stopped, for example to edit its configuration first
# --wheels FOLDER  take Python packages from a folder and not from the network. Fill it on a machine that is online:
#                  python3 -m pip download --dest FOLDER --require-hashes \
#                      -r deploy/requirements-device.txt -r deploy/requirements-build.txt
#
# The program goes to /opt/edge-engage, its configuration to /etc/edge-engage/config.toml (kept if there is one).
set -eu

target=/opt/edge-engage
settings=/etc/edge-engage
checkout=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-python3}

fail() {
    echo "install: $*" >&2
    exit 2
}

start=yes wheels=
while [ $# -gt 0 ]; do
    case $1 in
        --no-start) start=no ;;
        --wheels)
            [ -d "${2:-}" ] || fail "--wheels needs a folder; ${2:-nothing} is none."
            wheels=$(cd "$2" && pwd)
            shift
            ;;
        *) fail "what is $1? Usage: $0 [--no-start] [--wheels FOLDER]" ;;
    esac
    shift
done

[ "$(id -u)" -eq 0 ] || fail "needs root. Run: sudo $0"
command -v systemctl >/dev/null || fail "there is no systemd here. For a try without a service: make run"
"$checkout/deploy/check-python.sh" "$python"
free=$(df -Pk "$(dirname "$target")" | awk 'NR == 2 { print $4 }')
[ "$free" -gt 700000 ] || fail "$(dirname "$target") has $((free / 1000)) MB left, 700 are needed. Make room."

# --- the program
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# pip builds in the source folder; a copy keeps the checkout as it is.
mkdir "$work/source"
(cd "$checkout" && cp -R pyproject.toml README.md LICENSE edge train convert "$work/source")
# Shows single faces; no device has it.
rm -r "$work/source/train/live"

with_system= hashed=yes
if "$python" -c 'import picamera2' 2>/dev/null; then
    # The Raspberry Pi's camera library exists as Debian package only, built for Debian's numpy.
    with_system=--system-site-packages
    if "$python" -c 'import numpy, sys; sys.exit(not numpy.__version__.startswith("1."))'; then
        # No list of ours has hashes for what fits Debian's numpy.
        hashed=no
    fi
fi
wanted=$("$python" -c 'import sys; print(sys.version_info[:2])')
if [ "$("$target/bin/python" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)" != "$wanted" ]; then
    echo "Making $target with $("$python" --version)"
    # shellcheck disable=SC2086  # empty means no word
    "$python" -m venv --clear $with_system "$target"
fi
echo "Installing packages into $target"
pip() {
    "$target/bin/python" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --no-compile \
        ${wheels:+--no-index --find-links "$wheels"} "$@" ||
        fail "pip could not install the packages; its reason stands above. Check the network${wheels:+, or what $wheels lacks}."
}
if [ "$hashed" = yes ]; then
    # Each package is the very one that was tested, whoever serves it.
    pip --require-hashes -r "$checkout/deploy/requirements-device.txt" -r "$checkout/deploy/requirements-build.txt"
    pip --no-index --no-deps --no-build-isolation --force-reinstall "$work/source"
else
    echo 'numpy<2' >"$work/constraints"
    pip --constraint "$work/constraints" "$work/source"
fi
# Up to Python 3.11 a new environment holds setuptools; nothing here uses it.
"$target/bin/python" -m pip uninstall --quiet --yes setuptools 2>/dev/null || true
# Loads all that the sensor uses, and so leaves just that compiled: it starts faster, and 30 MB are saved.
env -u PYTHONDONTWRITEBYTECODE "$target/bin/python" -c 'import edge.cli, edge.run' ||
    fail "the packages are installed but do not load on this machine; the reason stands above."
ln -sf "$target/bin/edge-engage" /usr/local/bin/edge-engage

# --- the service
install -D -m 644 "$checkout/systemd/edge-engage.sysusers.conf" /etc/sysusers.d/edge-engage.conf
install -D -m 644 "$checkout/systemd/edge-engage.tmpfiles.conf" /etc/tmpfiles.d/edge-engage.conf
install -D -m 644 "$checkout/systemd/edge-engage.service" /etc/systemd/system/edge-engage.service
if [ "$(systemctl --version | awk 'NR == 1 { print int($2) }')" -ge 254 ]; then
    install -D -m 644 "$checkout/systemd/backoff.conf" /etc/systemd/system/edge-engage.service.d/backoff.conf
fi
systemd-sysusers edge-engage.conf
if [ ! -e "$settings/config.toml" ]; then
    mkdir -p "$settings"
    room=$(uname -n | sed 's/[^A-Za-z0-9-]/-/g')
    "$target/bin/edge-engage" config example | sed "s/^room = .*/room = \"$room\"/" >"$settings/config.toml"
    echo "Wrote $settings/config.toml. Name the site, the room and the broker there."
fi
systemd-tmpfiles --create edge-engage.conf
"$target/bin/edge-engage" config check "$settings/config.toml" || fail "mend the configuration, then run this again."

if [ ! -d /run/systemd/system ]; then
    systemctl --quiet enable edge-engage
    echo "Installed. systemd is not running here; the sensor starts with the next boot."
    exit
fi
systemctl daemon-reload
systemctl --quiet enable edge-engage
if [ "$start" = no ]; then
    echo "Installed. Start it with: systemctl start edge-engage"
else
    systemctl stop edge-engage
    systemctl start --no-block edge-engage
    tries=0
    # Active means that frames flow. For a camera that is missing the sensor waits, and we do not.
    until systemctl --quiet is-active edge-engage; do
        case $(systemctl show --value --property SubState,StatusText edge-engage) in
            *auto-restart* | *"Camera lost"*) break ;;
        esac
        tries=$((tries + 1))
        [ "$tries" -lt 90 ] || break
        sleep 1
    done
fi
if [ "$start" = no ]; then
    :
elif systemctl --quiet is-active edge-engage; then
    echo "Installed, and frames flow. Watch it with: journalctl -f -u edge-engage"
else
    journalctl --quiet --no-pager --lines 5 --unit edge-engage >&2 || true
    fail "installed, but no frames flow; the sensor keeps trying. See above, and camera.source in $settings/config.toml."
fi
