#!/bin/sh
# What bluegreen.yaml says of Nginx, as files that come in the place of those here. Inside the Nginx container:
#   settings.sh check NAME...             whether Nginx would accept them; changes nothing
#   settings.sh seed NAME...              for its first start
#   settings.sh take --by TOKEN NAME...   takes them over, without losing a request, in place of all from before
# The first NAME's text is in $FILE_1 in base64, and so on. TOKEN stands in the note of who must hold the lock.
# Exit 1: refused, and what runs is untouched. Exit 3: taken and put back, or not known. Exit 4: somebody else's lock.
set -eu
here=$(dirname "$0")
active=/etc/nginx/active
lock=/dev/shm/bluegreen.lock
refuse() { echo "settings.sh: $1" >&2; exit "${2:-1}"; }
case ${1:-}:${2:-} in
take:--by)      order=take token=$3; shift 3 ;;
check:*|seed:*) order=$1 token=; shift ;;
*)              sed -n '2,7p' "$0" >&2; exit 2 ;;
esac

mkdir -p /run/bluegreen
next=/run/bluegreen/settings-$$                 # to be looked at only
if [ "$order" != check ]; then
    # Not beside an installation or a reload, which would not see them, or half of them.
    exec 8>/dev/shm/bluegreen.install
    flock -w 20 8 || refuse "an installation or a reload is not at its end after 20 s"
    for old in "$active"/settings-*; do         # of one that was killed
        [ "$old" -ef "$active/settings" ] || rm -rf "$old"
    done
    next=$active/settings-$(date +%s%N)
fi
drop() { rm -rf "$next"; }

require_holder() {
    [ -n "$token" ] || return 0
    ! flock -s -n "$lock" true 8>&- || { drop; refuse "nobody holds the lock any more" 4; }
    grep -qF "\"$token\"" "$lock.holder" || { drop; refuse "somebody else holds the lock" 4; }
}

# Complete when this returns 0.
written() {
    mkdir "$next" || return 1
    n=0
    for name; do
        case $name in */*|.*) refuse "$name is no name of a file" ;; esac
        n=$((n + 1))
        eval "text=\$FILE_$n"
        [ "$name" != tls.key ] || { : >"$next/$name" && chmod 600 "$next/$name"; } || return 1
        printf %s "$text" | base64 -d >"$next/$name" || return 1
    done
    sync "$next"/* "$next"
}

# Nginx says it as well, in OpenSSL's words.
belong_together() {
    [ -e "$next/tls.key" ] || return 0
    of_key=$(openssl pkey -in "$next/tls.key" -passin pass: -pubout 2>/dev/null) ||
        { drop; refuse "tls.key cannot be read: a private key in PEM, without a password, is needed"; }
    [ "$of_key" = "$(openssl x509 -in "$next/tls.crt" -noout -pubkey 2>/dev/null)" ] ||
        { drop; refuse "tls.certificate and tls.key do not belong together"; }
}

require_holder
written "$@" 2>/dev/shm/bluegreen.settings || { drop; refuse "could not be written: $(tail -n 1 /dev/shm/bluegreen.settings)"; }
belong_together
SETTINGS=$next sh "$here/reload.sh" check || { drop; exit 1; }
[ "$order" != check ] || { drop; exit 0; }

# The link first: a restart of Nginx between the two takes what was checked.
lead_to() { ln -sfn "$1" "$active/settings.new" && mv -T "$active/settings.new" "$active/settings"; }
before=$(readlink "$active/settings" || true)
put_back() {
    if [ -n "$before" ]; then lead_to "$before"; else rm -f "$active/settings"; fi
    drop
}
reload() { INSTALLING=yes sh "$here/reload.sh" reload 8>&-; }

require_holder
lead_to "${next##*/}" || { drop; refuse "the link could not be made"; }
sync "$active" || true
[ "$order" != seed ] || exit 0
reload || { put_back; refuse "the old settings still run" 3; }

# The workers' own answer. Old ones go on accepting for a tenth of a second.
wanted=$(sed -n "s/.*\(\"rendered\":\"[0-9a-f]*\"\).*/\1/p" "$next/settings-control.conf")
answers() { curl -sS -m 5 "$1" 2>&1 | grep -qF "$2"; }
within_s() {        # SECONDS COMMAND...
    end=$(($(cut -d. -f1 /proc/uptime) + $1))
    shift
    until "$@"; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
        sleep 0.05
    done
}
if ! within_s 10 answers http://127.0.0.1:9180/settings "$wanted" ||
    ! within_s 3 answers http://127.0.0.1/health/deployment '"generation":'; then
    put_back
    reload || refuse "with them the public port does not answer /health/deployment, and the old ones could not be put back" 3
    refuse "with them the public port does not answer /health/deployment; the old ones were put back" 3
fi
[ -z "$before" ] || rm -rf "$active/$before"
