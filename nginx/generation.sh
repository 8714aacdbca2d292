#!/bin/sh
# Installs a generation: written whole, fsynced, checked, then one rename. Inside the Nginx container:
#   generation.sh install N --from M --by TOKEN GREEN_PERCENT backed|alone instant|reload <deployment.json
#   generation.sh leave COLOUR --from M --by TOKEN
# "leave" writes "idle" into the drain file of a colour that gets no requests: its app need not settle when stopped.
# M is the generation that the workers must be serving, TOKEN stands in the note of who must hold the lock: what comes
# late changes nothing. Prints the moment of the rename (ms since 1970).
# Exit 1: refused, and what runs is untouched. Exit 4: the same, because somebody else was faster. Exit 3: not known.
set -eu
here=$(dirname "$0")
active=/etc/nginx/active
live=/run/bluegreen/live
lock=/dev/shm/bluegreen.lock
case $#:${1:-}:${3:-}:${5:-} in
9:install:--from:--by) number=$2 green=$7 backing=$8 via=$9 ;;
6:leave:--from:--by)   ;;
*)                     sed -n '2,8p' "$0" >&2; exit 2 ;;
esac
from=$4 token=$6

refuse() { echo "generation.sh: $1" >&2; exit "${2:-1}"; }
uptime_s() { cut -d. -f1 /proc/uptime; }
began=$(uptime_s)

# One installation at a time, and none beside a reload.
mkdir -p /run/bluegreen
exec 8>/dev/shm/bluegreen.install
flock -w 20 8 || refuse "another installation or reload is not at its end after 20 s"

# The fence: the workers' own answer, and a lock that is held now by who asks. "none": Nginx starts, and nobody can.
require_holder() {
    [ "$from" != none ] || return 0
    ! flock -s -n "$lock" true 8>&- || refuse "nobody holds the lock any more" 4
    grep -qF "\"$token\"" "$lock.holder" || refuse "somebody else holds the lock" 4
}
require_holder
if [ "$from" != none ]; then
    serves=$(curl -fsS --max-time 10 http://127.0.0.1:9180/deployment | sed -n 's/.*"generation":\([0-9]*\).*/\1/p')
    [ -n "$serves" ] || refuse "the workers do not answer"
    [ "$serves" = "$from" ] || refuse "the workers serve generation $serves, not $from" 4
fi
if [ "$1" = leave ]; then
    # One that waits for its connection to the active colour may still be given to this one.
    [ -z "$(awk '$4 == "02"' /proc/net/tcp)" ] || refuse "Nginx waits for a connection"
    chmod 0777 /etc/nginx/drain             # the next process of the app, which is not root, takes it away
    echo idle >"/etc/nginx/drain/$2"
    exit
fi
previous=$(readlink "$active/current" || echo none)
previous=${previous%%.*}
[ "$previous" != "gen-$number" ] || refuse "gen-$number is the one that serves"
case $green in 0|[1-9]|[1-9][0-9]) colour=blue ;; 100) colour=green ;; *) refuse "$green: a share is 0 to 100" ;; esac
[ "$backing" = alone ] || colour=$colour-backed
gen=$active/gen-$number.$colour
case $green in 0|100) ;; ?) gen=$gen.0$green ;; ??) gen=$gen.$green ;; esac

json=$(cat)
[ -n "$json" ] || refuse "deployment.json is empty"
wanted=$here/active-upstream.conf
if [ "$via" = reload ]; then
    case $green in 0|100) ;; *) refuse "reload knows no weights" ;; esac
    wanted=$gen/active-upstream.conf
fi

drop() { rm -rf "$active/gen-$number" "$active/gen-$number".*; }

# What those read that run a configuration from before: after a reload they answer once more on each connection, and an
# earlier folder may be mounted again. A file for each bucket that goes to green, of which all are made once.
for_earlier_workers() {
    [ "$backing" = alone ] || : >"$gen/backed" || return 1
    if [ "$green" = 100 ]; then
        [ -e "$active/hundred/99" ] || buckets "$active/hundred" 100 && ln -s ../hundred "$gen/green"
    else
        buckets "$gen/green" "$green"
    fi
}
buckets() {
    mkdir -p "$1" || return 1
    bucket=0
    while [ "$bucket" -lt "$2" ]; do
        tens=$((bucket / 10))
        : >"$1/$tens$((bucket % 10))" || return 1
        bucket=$((bucket + 1))
    done
}

# Complete when this returns 0; a full disk shows here, not after the rename.
written() {
    drop && mkdir -p "$gen" || return 1
    ln -s "${gen##*/}" "$active/gen-$number" && printf '%s\n' "$json" >"$gen/deployment.json" || return 1
    for_earlier_workers || return 1
    if [ "$via" = reload ]; then
        printf 'set $generation %s;\nset $number %s;\nset $active_upstream app-%s;\n' "$gen" "$number" "$colour" \
            >"$wanted" || return 1
    fi
    sync "$gen/deployment.json" "$gen" || return 1
    [ "$(cat "$gen/deployment.json")" = "$json" ]
}

# All but the live one, the one before and the newest few.
prune() {
    for old in "$active"/gen-*; do
        n=${old##*gen-}
        n=${n%%.*}
        [ "$n" -ge "$number" ] || [ "$n" -gt $((number - $1)) ] || [ "gen-$n" = "$previous" ] || rm -rf "$old"
    done
}

# A rollback needs room for a few small files, also on a full disk: the reserve is for it.
if ! written 2>/dev/shm/bluegreen.why; then
    rm -f "$active/reserve"
    prune 1
    written || { drop; refuse "gen-$number could not be written: $(tail -n 1 /dev/shm/bluegreen.why)"; }
fi

# Nginx is reloaded only when what it runs includes another active-upstream.conf: always for reload, and once when going
# back from reload to instant. Before the rename: a restart of Nginx follows the link.
reload=no
[ ! -e "$live" ] || cmp -s "$wanted" "$live/active-upstream.conf" || reload=yes
if [ $reload = yes ]; then
    sh "$here/reload.sh" check "$wanted" || { drop; exit 1; }
fi
# A slow disk: who ordered it may have given up by now, or be gone.
[ $(($(uptime_s) - began)) -le 25 ] || { drop; refuse "the disk took longer than 25 s; nothing was renamed"; }
require_holder
if [ $reload = yes ]; then
    INSTALLING=yes sh "$here/reload.sh" reload "$wanted" 8>&- || exit 3
fi

# What a killed process of the colour left behind would send its requests elsewhere.
[ "$green" = 100 ] || rm -f /etc/nginx/drain/blue
[ "$green" = 0 ] || rm -f /etc/nginx/drain/green

ln -sfn "${gen##*/}" "$active/current.new"
echo $(($(date +%s%N) / 1000000))
mv -T "$active/current.new" "$active/current"

# From here on it is done: what fails is for the next time.
sync "$active" || echo "generation.sh: the link is not on the disk yet" >&2
prune 5
[ -s "$active/reserve" ] || head -c 131072 /dev/zero >"$active/reserve" || rm -f "$active/reserve"
