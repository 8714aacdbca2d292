# A running Docker engine with compose v2 and buildx. Sourced by the launcher.
FORKY=$cache/forky        # a small Debian forky: base of the images, and source of the two plugins

engine_runs()   { limited 10 docker info >/dev/null 2>&1; }
plugin_works()  { docker "$1" version >/dev/null 2>&1; }

forky() {                 # the same mirror snapshot may be past its Valid-Until: signatures are still checked
    [ -f "$FORKY/ready" ] && return 0
    command -v debootstrap >/dev/null || logged apt-debootstrap env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap
    say "building a Debian base (half a minute)"
    rm -rf "$FORKY"
    logged debootstrap debootstrap --variant=minbase forky "$FORKY" "" /usr/share/debootstrap/scripts/sid
    echo 'Acquire::Check-Valid-Until "false";' >"$FORKY/etc/apt/apt.conf.d/99snapshot"
    cp /etc/resolv.conf "$FORKY/etc/resolv.conf"
    logged forky-update chroot "$FORKY" apt-get update
    trust_as_host
    touch "$FORKY/ready"
}

trust_as_host() {         # behind a proxy with its own certificate, builds inside containers need it as well
    logged forky-certificates chroot "$FORKY" apt-get install -y --no-install-recommends ca-certificates
    [ ! -f /etc/ssl/certs/ca-certificates.crt ] || awk -v dir="$FORKY/usr/local/share/ca-certificates" '
        /BEGIN CERTIFICATE/ { n++ } { print > (dir "/host-" n ".crt") }' /etc/ssl/certs/ca-certificates.crt
    logged forky-trust chroot "$FORKY" update-ca-certificates
}

plugins_from_forky() {    # Debian 12's own docker-compose is v1
    forky
    say "installing docker compose v2 and buildx"
    mkdir -p /usr/local/lib/docker/cli-plugins
    for package in docker-compose docker-buildx; do
        logged "$package" chroot "$FORKY" sh -c "cd /tmp && apt-get download $package && dpkg-deb -x $package""_*.deb /tmp/$package"
        cp "$(find "$FORKY/tmp/$package" -type f -path '*cli-plugins*' | head -n 1)" "/usr/local/lib/docker/cli-plugins/$package"
        rm -rf "$FORKY/tmp/$package" "$FORKY"/tmp/"$package"_*.deb
    done
}

# A restart of the engine then costs no request: containers go on, and no proxy of a published port dies with it.
LIVE_RESTORE='"live-restore": true'
NO_PROXY='"userland-proxy": false'
DAEMON_JSON=/etc/docker/daemon.json

is_set()   { grep -qsF "${1%%:*}" "$DAEMON_JSON"; }
is_swarm() { [ -f /var/lib/docker/swarm/docker-state.json ]; }        # it refuses live-restore

configure_engine() {      # of systemd; an existing file is the machine's own
    is_swarm && return 0
    if [ ! -e "$DAEMON_JSON" ]; then
        mkdir -p "${DAEMON_JSON%/*}"
        echo "{$LIVE_RESTORE, $NO_PROXY}" >"$DAEMON_JSON"
    elif ! is_set "$LIVE_RESTORE" || ! is_set "$NO_PROXY"; then
        say "so that a restart of the engine costs no request, add to $DAEMON_JSON:  $LIVE_RESTORE, $NO_PROXY"
    fi
}

engine_flags() {          # what the file says may not be said twice
    is_swarm || is_set "$LIVE_RESTORE" || echo --live-restore
    is_set "$NO_PROXY" || echo --userland-proxy=false
}

other_engine() { pid=$(cat /var/run/docker.pid 2>/dev/null) && grep -qs dockerd "/proc/$pid/cmdline" && echo "$pid"; }

start_engine() {          # systemd where there is one, else in the background
    if [ -d /run/systemd/system ]; then
        configure_engine
        systemctl start docker
    else
        engine=$(own_engine || other_engine) &&
            fail "the Docker engine runs (process $engine) but does not answer; see $cache/dockerd.log"
        # Left by a killed engine.
        rm -f "$cache/dockerd.pid" /var/run/docker.pid /var/run/docker/containerd/containerd.pid
        # shellcheck disable=SC2046  # options, a word each
        setsid dockerd --pidfile="$cache/dockerd.pid" $(engine_flags) >"$cache/dockerd.log" 2>&1 </dev/null &
    fi
    for _ in $(seq 60); do engine_runs && return 0; sleep 0.5; done
    fail "the Docker engine did not start; see $cache/dockerd.log"
}

if ! engine_runs; then
    [ -n "${DOCKER_HOST:-}" ] && fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        fail "no running Docker engine. Start it, or install it: https://docs.docker.com/engine/install/ (as root on Debian or Ubuntu, bluegreen does it for you)"
    mkdir -p "$cache"
    if ! command -v dockerd >/dev/null; then
        ask "the Docker engine"
        say "installing the Docker engine"
        logged apt-update apt-get update
        [ ! -d /run/systemd/system ] || configure_engine      # the package starts it
        logged apt-docker env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends docker.io iptables
    fi
    say "starting the Docker engine"
    start_engine
fi

if ! plugin_works compose || ! plugin_works buildx; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        fail "docker compose v2 or buildx is missing: https://docs.docker.com/compose/install/linux/"
    ask "docker compose v2"
    if apt-cache show docker-compose-v2 docker-buildx >/dev/null 2>&1; then    # Ubuntu has both
        logged apt-compose env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends docker-compose-v2 docker-buildx
    else plugins_from_forky
    fi
fi
