# What only the tests need: a Chromium with its driver for the pages, faketime for a clock that jumps, settings of
# Testcontainers. Sourced by the launcher.
if ! command -v chromedriver >/dev/null || ! command -v faketime >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "the tests need chromium with chromedriver, and faketime: install them"
    ask "Chromium with its driver, and faketime"
    say "installing Chromium and faketime"
    logged apt-update apt-get update
    logged apt-tests env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium chromium-driver faketime
fi

# Testcontainers: its own sweeper is an image to pull, and a hook of the JVM removes the containers as well. Ports are
# published on loopback, also where this machine is itself a container.
more=--enable-native-access=ALL-UNNAMED                # for its JNA
export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
