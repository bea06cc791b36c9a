#!/bin/sh
# Take edge-engage off this machine again.
#
#   sudo deploy/uninstall.sh [--purge]
#
# The configuration, passwords, keys and what the sensor kept stay, so that it can be installed again as it was; --purge
# removes these, too, and the service's user. Safe to repeat.
set -eu

fail() {
    echo "uninstall: $*" >&2
    exit 2
}

purge=no
case ${1:-} in
    '') ;;
    --purge) purge=yes ;;
    *) fail "what is $1? Usage: $0 [--purge]" ;;
esac
[ "$(id -u)" -eq 0 ] || fail "needs root. Run: sudo $0"

if [ -d /run/systemd/system ]; then
    systemctl --quiet disable --now edge-engage 2>/dev/null || true
fi
rm -rf /opt/edge-engage /etc/systemd/system/edge-engage.service /etc/systemd/system/edge-engage.service.d
rm -f /etc/systemd/system/multi-user.target.wants/edge-engage.service
rm -f /etc/tmpfiles.d/edge-engage.conf /etc/sysusers.d/edge-engage.conf
# The link is ours only while it points into what was just removed.
case $(readlink /usr/local/bin/edge-engage || true) in
    /opt/edge-engage/*) rm -f /usr/local/bin/edge-engage ;;
esac
[ ! -d /run/systemd/system ] || systemctl daemon-reload

if [ "$purge" = yes ]; then
    rm -rf /etc/edge-engage /var/lib/edge-engage
    if getent passwd edge-engage >/dev/null; then
        userdel edge-engage
    fi
    echo "Removed, with its configuration and all that it kept."
else
    echo "Removed. /etc/edge-engage and /var/lib/edge-engage are still there; --purge removes them, too."
fi
echo "The broker still holds this room's last words and its account: see \"Taking a room away\" in docs/operations.md."
