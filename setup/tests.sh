# What only the tests need: a Chromium with its driver for the pages, faketime for a clock that jumps. Sourced by the launcher.
if ! command -v chromedriver >/dev/null || ! command -v faketime >/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail "the tests need chromium with chromedriver, and faketime: install them"
    ask "Chromium with its driver, and faketime"
    say "installing Chromium and faketime"
    logged apt-update apt-get update
    logged apt-tests env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium chromium-driver faketime
fi
