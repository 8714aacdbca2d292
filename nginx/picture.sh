#!/bin/sh
# What a script wants to know first, in one look. Inside the Nginx container:
#   picture.sh           the generations, the one that the disk says is current, the journal beside them, and, while
#                        Nginx may fail over, its newest requests
#   picture.sh whole     those, who holds the lock, and what still holds a colour
# Sections, each begun by a line "## NAME". What cannot be read is empty.
set -u
here=$(dirname "$0")
cd /etc/nginx/active || exit 1

echo "## generations"; ls -d gen-* 2>/dev/null
echo "## current"; cat current/deployment.json 2>/dev/null
echo "## journal"; cat journal.jsonl 2>/dev/null
# Seconds of a busy site, minutes of a quiet one, and a tenth of a second to read.
echo "## requests"; [ ! -e current/backed ] || sh "$here/logs.sh" tail 5000
[ "${1:-}" = whole ] || exit 0
echo "## holder"; sh "$here/lock.sh" holder
# The kernel's table of connections, and workers that end after a reload.
echo "## holding"; cat /proc/net/tcp; grep -l '[w]orker process is shutting down' /proc/[0-9]*/cmdline 2>/dev/null
exit 0
