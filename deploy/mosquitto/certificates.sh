#!/bin/sh
# certificates.sh FOLDER HOST[,HOST...] [CLIENT...]: a certificate authority, the broker's certificate for all the names
# and addresses it is reached by, and one for each CLIENT. Safe to repeat: what is right and good for sixty more days is
# kept; the broker's certificate is made anew for other names, and any certificate that is about to end is renewed with
# its own key. So call it once a month, and restart the broker when it says that something was made.
set -eu
if [ $# -lt 2 ]; then
    echo "Usage: $0 FOLDER HOST[,HOST...] [CLIENT...]" >&2
    exit 2
fi
folder=$1 hosts=$2
shift 2
command -v openssl >/dev/null || { echo "openssl is missing. Install it: apt-get install openssl" >&2; exit 2; }
umask 077
mkdir -p "$folder"
cd "$folder"
soon=$((60 * 24 * 3600))

key() {
    [ -e "$1" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ||
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

if [ ! -e ca.crt ]; then
    key ca.key
    openssl req -x509 -new -key ca.key -days 3650 -subj "/CN=edge-engage authority" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.crt
    echo "Made ca.crt. Copy it to every sensor and page."
elif ! openssl x509 -in ca.crt -noout -checkend "$soon" >/dev/null; then
    echo "The authority itself ends soon. Make a new one in another folder, and copy its ca.crt to every sensor and page." >&2
fi

certificate() { # NAME, EXTENSIONS
    if [ -e "$1.crt" ] && [ "$(cat "$1.ext" 2>/dev/null)" = "$2" ] &&
        openssl x509 -in "$1.crt" -noout -checkend "$soon" >/dev/null; then
        echo "Kept $1.crt, good until $(openssl x509 -in "$1.crt" -noout -enddate | cut -d= -f2)."
        return 0
    fi
    [ -e ca.key ] || { echo "ca.key is not here: bring it back to make $1.crt." >&2; exit 2; }
    key "$1.key"
    printf '%s\n' "$2" >"$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=$1" | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial \
        -days 825 -extfile "$1.ext" -out "$1.new" 2>/dev/null
    mv "$1.new" "$1.crt"
    echo "Made $1.crt, good until $(openssl x509 -in "$1.crt" -noout -enddate | cut -d= -f2)."
}

names=
for host in $(printf '%s' "$hosts" | tr ',' ' '); do
    case $host in
        *[!0-9.:a-fA-F]*) names="$names,DNS:$host" ;;
        *[.:]*) names="$names,IP:$host" ;;
        *) names="$names,DNS:$host" ;;
    esac
done
certificate server "subjectAltName=${names#,}
extendedKeyUsage=serverAuth"
for client; do
    certificate "$client" "extendedKeyUsage=clientAuth"
done
chmod 644 ./*.crt
# The broker reads its own key and no other; the authority's key is root's alone.
if [ "$(id -u)" -eq 0 ] && getent group mosquitto >/dev/null; then
    chgrp mosquitto . server.key
    chmod 750 .
    chmod 640 server.key
fi
