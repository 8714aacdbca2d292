#!/bin/sh
# Nginx's logs, inside its container:
#   logs.sh keep                       rotate them, and show the errors on stderr; started by start.sh, ends with the container
#   logs.sh read FROM [INODE:OFFSET].. what was logged since FROM (seconds since 1970), of known files only what is new
#   logs.sh newest                     now (ms since 1970), then the newest 1,000 access lines, of a busy site 5,000
# read: a line "#INODE OFFSET BYTES", then so many bytes, for each file from the oldest on; last, "#free BLOCKS".
set -eu
cd "${LOGS:-/var/log/bluegreen}"
size=${LOG_BYTES:-20000000}     # about 50,000 requests
kept=3                          # rotated ones, beside the one that is written
furthest=64000000               # so much of one file is read at most, should nobody have rotated it

bytes() { stat -c %s "$1" 2>/dev/null || echo 0; }

# access.jsonl becomes .1, .1 becomes .2. Workers go on writing to .1 until they have heard of it.
rotate() {
    n=$kept
    while [ "$n" -gt 1 ]; do
        [ ! -e "$1.$((n - 1))" ] || mv -f "$1.$((n - 1))" "$1.$n"
        n=$((n - 1))
    done
    mv -f "$1" "$1.1"
}

keep() {
    # Blocks alone when nobody reads the container's log. A colour that is stopped is asked for in vain all the time.
    tail -q -n 0 -F error.log 2>/dev/null | grep --line-buffered -v 'could not be resolved (3' >&2 &
    while sleep 2; do
        due=
        for log in access.jsonl error.log; do
            [ "$(bytes "$log")" -lt "$size" ] || { rotate "$log"; due=yes; }
        done
        [ -z "$due" ] || kill -USR1 1       # Nginx opens both anew; before it is there, nobody minds
    done
}

# The second at which the first whole line after an offset was logged; empty: there is none.
second() {
    tail -c "+$(($2 + 1))" <"$1" |
        awk 'NR > 1 && match($0, /"at":[0-9]+/) { print substr($0, RSTART + 5, RLENGTH - 5); exit }'
}

# An offset shortly before the first line of a time.
begin() {
    low=0 high=$3
    [ "$high" -le "$furthest" ] || low=$((high - furthest))
    while [ $((high - low)) -gt 65536 ]; do
        middle=$(((low + high) / 2))
        at=$(second "$1" "$middle")
        if [ -n "$at" ] && [ "$at" -lt "$2" ]; then low=$middle; else high=$middle; fi
    done
    echo "$low"
}

new() {      # of a file that is open as $1
    inode=$(stat -L -c %i "$1") length=$(stat -L -c %s "$1")
    case " $done " in *" $inode "*) return ;; esac
    done="$done $inode"
    offset=
    for position in $known; do [ "${position%:*}" != "$inode" ] || offset=${position#*:}; done
    if [ -z "$offset" ] || [ "$offset" -gt "$length" ]; then
        if [ "$(stat -L -c %Y "$1")" -lt "$from" ]; then offset=$length; else offset=$(begin "$1" "$from" "$length"); fi
    fi
    echo "#$inode $offset $((length - offset))"
    tail -c "+$((offset + 1))" <"$1" | head -c $((length - offset))
}

# 5,000 take 50 ms more to read, and are worth it where 1,000 do not reach back five seconds.
newest() {
    now=$(date +%s%3N)
    echo "$now"
    exec 3<access.jsonl         # first: a rotation meanwhile hides none
    tail -q -n 5000 access.jsonl.1 /dev/fd/3 2>/dev/null | awk -v now="$now" '
        { line[NR % 5000] = $0 }
        END {
            first = line[(NR - 999) % 5000]
            sub(/.*"at":/, "", first)
            for (i = NR - (first + 5 > now / 1000 ? 4999 : 999); i <= NR; i++) if (i > 0) print line[i % 5000]
        }'
}

case ${1:-} in
keep) keep ;;
read)
    from=$2; shift 2; known=$* done=
    # The newest is opened first: a rotation meanwhile then shows one file twice, and hides none.
    exec 3<access.jsonl 4</dev/null 5</dev/null 6</dev/null
    [ ! -e access.jsonl.1 ] || exec 4<access.jsonl.1
    [ ! -e access.jsonl.2 ] || exec 5<access.jsonl.2
    [ ! -e access.jsonl.3 ] || exec 6<access.jsonl.3
    for fd in 6 5 4 3; do [ ! -f /proc/self/fd/$fd ] || new /proc/self/fd/$fd; done
    echo "#free $(stat -f -c %a .)" ;;
newest) newest ;;
*)  sed -n '3,6p' "$0" >&2; exit 2 ;;
esac
