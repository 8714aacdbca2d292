#!/bin/sh
# One deployer at a time. The kernel's lock, inside the Nginx container, so that it lives where the traffic lives:
#   lock.sh take     the first line of stdin is the holder's note, each further line is one of its journal; a line
#                    comes back when it is kept, and before the first one the picture as it is now (picture.sh).
#                    Ends with its stdin. Exit 75: somebody else holds it. "hold" is the same without the picture, for
#                    a checkout of an older version.
#   lock.sh holder   the note of who holds it; exit 1: nobody does
#   lock.sh seize    ends who holds it: whatever that one does next is refused
set -eu
lock=/dev/shm/bluegreen.lock                # in memory: no disk that is full, no folder that is emptied by hand
journal=/etc/nginx/active/journal.jsonl     # what several deployers must share, beside the generations

# Shared, so that two who only ask do not take each other for a holder.
is_free() { flock -s -n "$lock" true; }

case ${1:-} in
take|hold)
    exec 9>"$lock"
    flock -w 1 9 || exit 75
    : >"$lock.holder"
    read -r note
    printf '%s\n' "$note" >"$lock.holder"
    # Without the lock, in processes of their own: this one must be found by who seizes it, at any time.
    (
        exec 9>&-
        # The last runs are enough for everything that is asked of it; a deploy has some thirty lines.
        if [ -f "$journal" ] && [ "$(wc -c <"$journal")" -gt 500000 ]; then
            tail -n 600 "$journal" >"$journal.new" && mv "$journal.new" "$journal" || rm -f "$journal.new"
        fi
        [ "$1" = hold ] || exec timeout -s KILL 10 sh "$(dirname "$0")/picture.sh" </dev/null
    ) || echo "lock.sh: the picture was not seen to its end" >&2
    [ "$1" = hold ] || echo               # what came before may end within a line
    printf '%s\n' "$note"
    # A full disk loses the copy of a line, not the lock.
    while read -r line; do
        printf '%s\n' "$line" >>"$journal" || echo "lock.sh: a line of the journal was not kept" >&2
        printf '%s\n' "$line"
    done ;;
holder)
    if is_free; then exit 1; fi
    cat "$lock.holder" ;;
seize)
    tries=0
    until is_free; do
        for held in /proc/[0-9]*/fd/9; do
            [ "$(readlink "$held")" != "$lock" ] || kill -9 "$(echo "$held" | cut -d/ -f3)" 2>/dev/null || true      # it may have ended just now
        done
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { echo "lock.sh: its holder does not end" >&2; exit 1; }
        sleep 0.05
    done
    # An installation that had passed its fence comes to its end first.
    flock -w 30 /dev/shm/bluegreen.install true ;;
*)  sed -n '2,9p' "$0" >&2; exit 2 ;;
esac
