#!/bin/sh
# Validate, reload, verify. Inside the Nginx container:
#   reload.sh                 take over changes in the mounted configuration, or a renewed certificate
#   reload.sh reload FILE     the same, with FILE as active-upstream.conf (generation.sh, which holds the lock)
#   reload.sh check [FILE]    only validate
#   reload.sh render DIR [FILE]
#   reload.sh first DIR       the same for a start of Nginx, which must not fail for what was accepted once
# What bluegreen.yaml says (settings.sh) is in active/settings, or for a candidate in $SETTINGS.
# Exit 1: rejected, and what runs is untouched. Exit 3: accepted, but no new worker came.
set -eu
here=$(dirname "$0")
live=/run/bluegreen/live
active=/etc/nginx/active
settings=${SETTINGS:-$active/settings}

# They become configuration: nothing that means something to Nginx or to sed.
refuse() { echo "reload.sh: $1 has a character that is not allowed there" >&2; exit 1; }

# $workers: the cores that the container may use ("auto" would be the host's), at most four, and never one alone, which may
# wait for the disk. $connections of each: 65,536 in all, as far as files may be open.
capacity() {
    workers=$(nproc)
    if read -r quota period </sys/fs/cgroup/cpu.max && [ "$quota" != max ] && [ $((quota / period)) -lt "$workers" ]; then
        workers=$((quota / period))
    fi 2>/dev/null
    [ "$workers" -le 4 ] || workers=4
    [ "$workers" -ge 2 ] || workers=2
    connections=$((65536 / workers)) files=$(ulimit -Hn)
    [ "$files" = unlimited ] || [ $((connections + 100)) -le "$files" ] || connections=$((files - 100))
}

# $from: a line for each who may ask the control port (control.conf). What asks a published port comes from the gateway of
# the network that it is published through, with the userland proxy and without; Docker Desktop's from its own network.
askers() {
    from=
    while read -r _ network gateway _; do
        [ "$network" != 00000000 ] || [ "$gateway" = 00000000 ] || set -- "$@" "$(address "$gateway")"
    done </proc/net/route
    case $(uname -r) in *linuxkit*) set -- "$@" 192.168.65.0/24 ;; esac
    for one in "$@" ${CONTROL_FROM:-}; do
        case $one in *[!0-9a-fA-F.:/]*) refuse CONTROL_FROM ;; esac
        from="${from}allow $one;\\n"
    done
}
# 010012AC: 172.18.0.1, in the byte order of the machine that runs it, which is the other one than on the wire.
address() {
    hex=$1
    printf '%d.%d.%d.%d' "0x${hex#??????}" "0x$(echo "$hex" | cut -c5-6)" "0x$(echo "$hex" | cut -c3-4)" \
        "0x${hex%??????}"
}

# A generation installed by the reload way brings its own active-upstream.conf. $REDIRECT_PORT is a container's from
# before redirect: was one of the settings.
render() {
    blue=${BLUE_HOST:-app-blue} green=${GREEN_HOST:-app-green}
    port=${APP_PORT:-3008} health=${HEALTH_PATH:-/api/health} assets=${ASSETS_PATH:-/_next/static/} redirect=${REDIRECT_PORT:-off}
    case $blue$green in *[!A-Za-z0-9._-]*) refuse "BLUE_HOST or GREEN_HOST" ;; esac
    case $port   in *[!0-9]*) refuse APP_PORT ;; esac
    case $health in *[!A-Za-z0-9._~/%?=\&-]*|[!/]*) refuse HEALTH_PATH ;; esac
    case $assets in *[!A-Za-z0-9._~/-]*|[!/]*|*/../*) refuse ASSETS_PATH ;; esac
    case $redirect in
    off)         to='""' hsts='""' word=none ;;
    *[!0-9]*|'') refuse REDIRECT_PORT ;;
    443)         to='$host' hsts=max-age=15768000 word=https:443 ;;
    *)           to="\$host:$redirect" hsts=max-age=15768000 word=https:$redirect ;;
    esac
    health=$(printf %s "$health" | sed 's/&/\\&/g')          # alone, & is what was found
    case $port in 80|443|9180) inside= ;; *) inside="listen $port;" ;; esac
    capacity
    askers
    # Mounted a second time there: each part of a path is a look at the disk, for each request.
    current=$active/current
    [ ! /active -ef "$active" ] || current=/active/current
    rm -rf "$1"
    mkdir -p "$1" /var/cache/nginx          # not in every image; Nginx makes the folders in it
    cp "$here"/*.conf "$here"/*.html "$1"
    sed -i -e "s|^worker_processes 4;|worker_processes $workers;|" \
        -e "s|^worker_rlimit_nofile 16500;|worker_rlimit_nofile $((connections + 100));|" \
        -e "s|worker_connections 16384;|worker_connections $connections;|" \
        -e "s|:3008 |:$port |" -e "s|listen 3008;|$inside|" -e "s|/api/health|$health|" -e "s|/_next/static/|$assets|" \
        -e "s|{ 80http \"\"|{ 80http $to|" -e "s|{ https \"\"|{ https $hsts|" \
        -e "s|\"redirect\":\"none\"|\"redirect\":\"$word\"|" \
        -e "s|^deny all;|${from}deny all;|" \
        -e "s|root /etc/nginx/active/current;|root $current;|" "$1"/*.conf
    [ ! -d "$settings" ] || cp -pR "$settings/." "$1"
    # By a name that no other project has on a network that they share.
    sed -i -e "s|server app-blue:|server $blue:|" -e "s|server app-green:|server $green:|" "$1"/*.conf
    file=${2:-$active/current/active-upstream.conf}
    [ ! -f "$file" ] || cp "$file" "$1/active-upstream.conf"
}

# nginx -t against a whole candidate: includes are relative to the file they stand in.
check() {
    if ! said=$(nginx -t -q -c "$1/nginx.conf" 2>&1); then
        printf '%s\n' "$said" >&2
        rm -rf "$1"
        exit 1
    fi
}

# Each time with less of what was accepted, as a name in lines of one's own may be unknown today.
first() {
    render "$1"
    said=$(nginx -t -q -c "$1/nginx.conf" 2>&1) && return
    printf '%s\nstarts without the lines of proxy.include\n' "$said" >&2
    cp "$here/own.conf" "$1"
    sed -i 's|"proxy.include":"[^"]*"|"proxy.include":"left out"|' "$1/settings-control.conf"
    said=$(nginx -t -q -c "$1/nginx.conf" 2>&1) && return
    printf '%s\nstarts without the settings of bluegreen.yaml\n' "$said" >&2
    settings=none
    render "$1"
}

workers() { grep -l '^PPid:[[:space:]]*'"$(cat /run/nginx.pid)"'$' /proc/[0-9]*/status 2>/dev/null | sort; }

case ${1:-reload} in
render) render "$2" "${3:-}" ;;
first)  if [ -d "$settings" ]; then first "$2"; else render "$2"; fi ;;
check)  candidate=/run/bluegreen/candidate-$$; render "$candidate" "${2:-}"; check "$candidate"; rm -rf "$candidate" ;;
reload)
    # Not beside the installation of a generation: what is rendered here would be the one before it.
    if [ "${INSTALLING:-no}" = no ]; then
        exec 8>/dev/shm/bluegreen.install
        flock -w 60 8 || { echo "reload.sh: a generation is being installed" >&2; exit 1; }
    fi
    sh "$here/adopt.sh"
    next=/run/bluegreen/conf-$(date +%s%N)
    before=$(readlink "$live")
    render "$next" "${2:-}"
    check "$next"
    old=$(workers)
    ln -sfn "$next" "$live.new"
    mv -T "$live.new" "$live"
    kill -HUP "$(cat /run/nginx.pid)"
    # HUP itself proves nothing: a master that fails keeps its old workers and only logs.
    end=$(($(cut -d. -f1 /proc/uptime) + 10))
    while [ "$(workers | grep -vxF "$old" | wc -l)" = 0 ]; do
        if [ "$(cut -d. -f1 /proc/uptime)" -ge "$end" ]; then
            ln -sfn "$before" "$live.new"
            mv -T "$live.new" "$live"
            echo "reload.sh: no new worker within 10 s; the old configuration still runs" >&2
            exit 3
        fi
        sleep 0.05
    done
    [ "$before" = "$next" ] || rm -rf "$before" ;;
*)  echo "reload.sh: unknown: $1 (reload, check, render, first)" >&2; exit 2 ;;
esac
