# A running Docker engine with compose v2 and buildx. Sourced by the launcher.
FORKY=$cache/forky        # a small Debian forky: base of the images, and source of the two plugins

engine_runs()   { timeout 10 docker info >/dev/null 2>&1; }
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

start_engine() {          # systemd where there is one, else in the background
    if [ -d /run/systemd/system ]; then systemctl start docker
    else
        rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid    # left by a killed engine
        setsid dockerd >"$cache/dockerd.log" 2>&1 </dev/null &
        echo $! >"$cache/dockerd.pid"
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
