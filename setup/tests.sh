# What only the tests need: a Chromium with its driver for the pages, faketime for a clock that jumps, a registry and the
# smallest app for it, settings of Testcontainers. Sourced by the launcher.
if ! command -v chromedriver >/dev/null || ! command -v faketime >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "the tests need chromium with chromedriver, and faketime: install them"
    ask "Chromium with its driver, and faketime"
    say "installing Chromium and faketime"
    logged apt-update apt-get update
    logged apt-tests env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium chromium-driver faketime
fi

# Unpacked, not installed: the package would start a registry with the machine.
export BLUEGREEN_TEST_TOOLS=$cache/tools
if [ ! -x "$BLUEGREEN_TEST_TOOLS/usr/bin/docker-registry" ] || [ ! -x "$BLUEGREEN_TEST_TOOLS/bin/busybox" ]; then
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
        fail "the tests need docker-registry and a static busybox in $BLUEGREEN_TEST_TOOLS, under usr/bin and bin"
    ask "a registry for the tests"
    say "fetching a registry and busybox"
    mkdir -p "$BLUEGREEN_TEST_TOOLS"
    (
        cd "$BLUEGREEN_TEST_TOOLS"
        apt-cache policy docker-registry busybox-static | grep -q Candidate || logged apt-update apt-get update
        logged apt-tools apt-get download docker-registry busybox-static
        for package in ./*.deb; do dpkg-deb -x "$package" .; done
        rm -f ./*.deb
    )
fi

# Testcontainers: its own sweeper is an image to pull, and a hook of the JVM removes the containers as well. Ports are
# published on loopback, also where this machine is itself a container.
more=--enable-native-access=ALL-UNNAMED                # for its JNA
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
