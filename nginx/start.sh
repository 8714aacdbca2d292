#!/bin/sh
# The Nginx container's command: seed what is missing, then become Nginx. "check": whether it could, and no more.
set -eu
here=$(dirname "$0")
active=/etc/nginx/active
certs=/etc/nginx/certs

# Generation 1 is all blue, and only for an empty folder: a damaged one must never quietly mean blue.
if ! ls -d "$active"/gen-* >/dev/null 2>&1; then
    echo '{"active":"blue","generation":1,"version":null,"weights":{"blue":100,"green":0},"backed":false,"via":"instant"}' |
        sh "$here/generation.sh" install 1 --from none --by none 0 alone instant
fi

if [ ! -s "$certs/tls.crt" ]; then
    mkdir -p "$certs"
    echo "start.sh: no $certs/tls.crt: making a self-signed certificate" >&2
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$certs/tls.key" -out "$certs/tls.crt" 2>/dev/null
fi

# Apps of any user id leave their "I go" file here, and take away one that generation.sh has left.
mkdir -p /etc/nginx/drain
chmod 0777 /etc/nginx/drain

mkdir -p /var/log/bluegreen
touch /var/log/bluegreen/access.jsonl /var/log/bluegreen/error.log
sh "$here/adopt.sh"
sh "$here/reload.sh" first /run/bluegreen/first
[ "${1:-}" != check ] || exec nginx -t -q -c /run/bluegreen/first/nginx.conf
sh "$here/logs.sh" keep &
ln -sfn /run/bluegreen/first /run/bluegreen/live
exec nginx -c /run/bluegreen/live/nginx.conf -g 'daemon off;'
