#!/bin/sh
# certificates.sh FOLDER HOST [CLIENT...]: a certificate authority, the broker's certificate for HOST (a name or an
# address), and one for each CLIENT. What exists is kept, so that a client can be added later.
set -eu
if [ $# -lt 2 ]; then
    echo "Usage: $0 FOLDER HOST [CLIENT...]" >&2
    exit 2
fi
folder=$1 host=$2
shift 2
command -v openssl >/dev/null || { echo "openssl is missing. Install it: apt-get install openssl" >&2; exit 2; }
umask 077
mkdir -p "$folder"
cd "$folder"

key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null ||
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

if [ ! -e ca.crt ]; then
    key ca.key
    openssl req -x509 -new -key ca.key -days 3650 -subj "/CN=edge-engage authority" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" -out ca.crt
fi

certificate() { # NAME, EXTENSIONS
    [ ! -e "$1.crt" ] || return 0
    key "$1.key"
    printf '%s\n' "$2" >"$1.ext"
    openssl req -new -key "$1.key" -subj "/CN=$1" | openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial \
        -days 825 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
    rm "$1.ext"
}

case $host in
    *[!0-9.:a-fA-F]* | "") subject="DNS:$host" ;;
    *[.:]*) subject="IP:$host" ;;
    *) subject="DNS:$host" ;;
esac
certificate server "subjectAltName=$subject
extendedKeyUsage=serverAuth"
for client; do
    certificate "$client" "extendedKeyUsage=clientAuth"
done
chmod 644 ./*.crt
