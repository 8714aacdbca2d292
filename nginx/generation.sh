#!/bin/sh
# Installs a generation: written whole, fsynced, checked, then one rename. Inside the Nginx container:
#   generation.sh install N GREEN_PERCENT backed|alone instant|reload <deployment.json
# Prints the moment of the rename (ms since 1970). Exit 1: refused, and what runs is untouched.
set -eu
here=$(dirname "$0")
active=/etc/nginx/active
live=/run/bluegreen/live
[ "$1" = install ] && [ $# = 5 ] || { sed -n '2,5p' "$0" >&2; exit 2; }
number=$2 green=$3 backing=$4 via=$5
gen=$active/gen-$number

previous=$(readlink "$active/current" || echo none)
[ "$previous" != "gen-$number" ] || { echo "generation.sh: gen-$number is the one that serves" >&2; exit 1; }

# Write it whole.
rm -rf "$gen"
mkdir -p "$gen/green"
cat >"$gen/deployment.json"
[ -s "$gen/deployment.json" ] || { echo "generation.sh: deployment.json is empty" >&2; rm -rf "$gen"; exit 1; }
bucket=0
while [ "$bucket" -lt "$green" ]; do
    : >"$gen/green/$(printf %02d "$bucket")"
    bucket=$((bucket + 1))
done
[ "$backing" = alone ] || : >"$gen/backed"
wanted=$here/active-upstream.conf
if [ "$via" = reload ]; then
    case $green in 0) colour=blue ;; 100) colour=green ;; *) echo "generation.sh: reload knows no weights" >&2; rm -rf "$gen"; exit 1 ;; esac
    suffix=; [ "$backing" = alone ] || suffix=-backed
    wanted=$gen/active-upstream.conf
    printf 'set $generation %s;\nset $active_upstream app-%s;\n' "$gen" "$colour$suffix" >"$wanted"
fi

# Complete? A full disk shows here, not after the rename.
sync "$gen/deployment.json" "$gen/green" "$gen"
[ "$(ls "$gen/green" | wc -l)" = "$green" ] || { echo "generation.sh: gen-$number is incomplete" >&2; rm -rf "$gen"; exit 1; }

# Nginx is reloaded only when what it runs includes another active-upstream.conf: always for reload, and
# once when going back from reload to instant.
reload=no
[ ! -e "$live" ] || cmp -s "$wanted" "$live/active-upstream.conf" || reload=yes
if [ $reload = yes ]; then
    sh "$here/reload.sh" check "$wanted" || { rm -rf "$gen"; exit 1; }
fi

# What a killed process of the colour left behind would send its requests elsewhere.
[ "$green" = 100 ] || rm -f /etc/nginx/drain/blue
[ "$green" = 0 ] || rm -f /etc/nginx/drain/green

ln -sfn "gen-$number" "$active/current.new"
echo $(($(date +%s%N) / 1000000))
mv -T "$active/current.new" "$active/current"
sync "$active"
[ $reload = no ] || sh "$here/reload.sh" reload

# Keep the live one, the one before, and a few for the curious.
for old in "$active"/gen-*; do
    n=${old##*gen-}
    [ "$n" -gt $((number - 5)) ] || [ "gen-$n" = "$previous" ] || rm -rf "$old"
done
