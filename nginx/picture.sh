#!/bin/sh
# What a script wants to know first, in one look. Inside the Nginx container:
#   picture.sh           the generations, the one that the disk says is current, the journal beside them, and, while
#                        Nginx may fail over, its newest requests
#   picture.sh whole     those, who holds the lock, and what still holds a colour
# Sections, each begun by a line "## NAME", and "## end"; empty lines mean nothing. Exit 1: the folder cannot be read.
set -u
here=$(dirname "$0")
section() { printf '\n## %s\n' "$1"; }          # what comes before may end within a line
cd /etc/nginx/active && all=$(ls) || exit 1

section generations; echo "$all"
section current; cat current/deployment.json 2>/dev/null
section journal; cat journal.jsonl 2>/dev/null
section requests; [ ! -e current/backed ] || sh "$here/logs.sh" newest
if [ "${1:-}" = whole ]; then
    section holder; sh "$here/lock.sh" holder || echo nobody
    # The kernel's table of connections, and workers that end after a reload.
    section holding; cat /proc/net/tcp; grep -l '[w]orker process is shutting down' /proc/[0-9]*/cmdline 2>/dev/null
fi
section end
