#!/bin/sh
# revoke.sh FOLDER [NAME...]: certificates that certificates.sh made there count no more. Writes ca.crl, the authority's
# list of them, signed anew and good for 825 days. Copy it to every sensor (mqtt.crl_file), and name it to the broker
# (crlfile in edge-engage.conf) where sensors prove themselves by certificate. Without a NAME the list is only renewed.
set -eu
[ $# -ge 1 ] || { echo "Usage: $0 FOLDER [NAME...]" >&2; exit 2; }
cd "$1"
shift
[ -e ca.key ] || { echo "ca.key is not here: bring it back to sign the list." >&2; exit 2; }
umask 077
[ -e revoked.txt ] || : >revoked.txt
cat >revoked.cnf <<CONF
[ca]
default_ca = authority
[authority]
database = revoked.txt
default_md = sha256
default_crl_days = 825
unique_subject = no
CONF
authority() { openssl ca -config revoked.cnf -cert ca.crt -keyfile ca.key "$@" 2>revoke.log || { cat revoke.log >&2; exit 2; }; }
for name; do
    [ -e "$name.crt" ] || { echo "There is no $name.crt here." >&2; exit 2; }
    authority -revoke "$name.crt"
    mv "$name.crt" "$name.crt.revoked"
    mv "$name.key" "$name.key.revoked"
    echo "Revoked $name.crt. certificates.sh makes a new one, with a new key."
done
authority -gencrl -out ca.crl
rm -f revoke.log
chmod 644 ca.crl
echo "Wrote ca.crl."
