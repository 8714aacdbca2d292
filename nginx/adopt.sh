#!/bin/sh
# A generation that an earlier bluegreen installed gets the folder's name that says where the requests go, before
# workers come that read it. Those from before read it too. Inside the Nginx container, without arguments.
set -eu
cd /etc/nginx/active
old=$(readlink current) || exit 0
number=${old#gen-}
case $number in ''|*[!0-9]*) exit 0 ;; esac
[ -f "$old/deployment.json" ] && [ -d "$old/green" ] && [ ! -L "$old" ] || exit 0

share=$(ls "$old/green" | wc -l)
to=blue split=
case $share in 0) ;; 100) to=green ;; ?) split=.0$share ;; *) split=.$share ;; esac
[ ! -e "$old/backed" ] || to=$to-backed
new=$old.$to$split
# On a full disk the reserve is for it, and at last a rename, which needs no room.
copied() { rm -rf "$new" && cp -a "$old" "$new" && sync "$new/deployment.json" "$new"; }
copied || { rm -f reserve && copied; } || { rm -rf "$new" && mv "$old" "$new" && ln -s "$new" "$old"; }
if [ -e "$new/active-upstream.conf" ]; then
    printf 'set $generation %s;\nset $number %s;\nset $active_upstream app-%s;\n' "$PWD/$new" "$number" "$to" \
        >"$new/active-upstream.conf"
fi
ln -sfn "$new" current.new
mv -T current.new current
# The old folder stays until it is pruned: a request may be between two looks at it.
