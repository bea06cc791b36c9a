#!/bin/sh
# Accounts of the broker, one at a time; the others stay as they are.
#
#   accounts.sh add SITE/ROOM      a sensor; prints its new password, once
#   accounts.sh add NAME           a page, or whoever else looks on
#   accounts.sh remove SITE/ROOM   (or NAME)
#   accounts.sh list
#
# `add` for an account that exists gives it a new password. The files lie in /etc/mosquitto, or in $MOSQUITTO.
set -eu
folder=${MOSQUITTO:-/etc/mosquitto}

fail() {
    echo "accounts: $*" >&2
    exit 2
}

usage() { fail "usage: $0 add|remove SITE/ROOM or NAME, or: $0 list"; }

# A place has one slash, as site/room in the sensor's configuration; a looker-on has none.
file_of() {
    case $1 in
        "" | *[!A-Za-z0-9._/-]* | /* | */ | */*/*) fail "\"$1\" is neither SITE/ROOM nor a NAME (letters, digits, . _ -)." ;;
        */*) echo "$folder/sensors.passwords" ;;
        *) echo "$folder/pages.passwords" ;;
    esac
}

protect() { # FILE: the broker reads it, nobody else
    chmod 640 "$1"
    if [ "$(id -u)" -eq 0 ] && getent group mosquitto >/dev/null; then chown root:mosquitto "$1"; fi
}

reload() {
    if [ -d /run/systemd/system ] && systemctl --quiet is-active mosquitto; then systemctl reload mosquitto; fi
}

command -v mosquitto_passwd >/dev/null || fail "mosquitto_passwd is missing. Install it: apt-get install mosquitto"
[ -d "$folder" ] || fail "there is no folder $folder. Is the broker on this machine?"
[ -w "$folder" ] || fail "$folder cannot be written to. Run this with sudo."
umask 027
case ${1:-} in
    add)
        [ $# -eq 2 ] || usage
        file=$(file_of "$2")
        secret=$(openssl rand -hex 16)
        [ -e "$file" ] || : >"$file"
        mosquitto_passwd -b "$file" "$2" "$secret"
        protect "$file"
        reload
        echo "user:     $2"
        echo "password: $secret"
        ;;
    remove)
        [ $# -eq 2 ] || usage
        file=$(file_of "$2")
        cut -d: -f1 "$file" 2>/dev/null | grep -Fqx "$2" || fail "there is no account $2. See: $0 list"
        mosquitto_passwd -D "$file" "$2"
        protect "$file"
        reload
        echo "Removed $2. Whoever is connected with it stays so until the broker is restarted."
        ;;
    list)
        [ $# -eq 1 ] || usage
        for file in "$folder/sensors.passwords" "$folder/pages.passwords"; do
            [ ! -e "$file" ] || cut -d: -f1 "$file"
        done
        ;;
    *) usage ;;
esac
