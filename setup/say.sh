# What every setup step uses: a word to the person, on stderr because stdout may carry --json.
say()  { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'bluegreen: %s\n' "$*" >&2; exit 2; }

# cron and systemd give no HOME; JBang and docker want one as well.
need_home() {
    [ -z "${HOME:-}" ] || return 0
    user=$(id -un 2>/dev/null) || user=
    case $user in ''|*[!A-Za-z0-9._-]*) ;; *) eval "HOME=~$user" ;; esac
    case ${HOME:-} in
        /*) export HOME ;;
        *) fail "HOME is not set, and user $(id -u) has no home folder. Run it again with HOME=/a/folder/to/keep/things/in" ;;
    esac
}

# limited SECONDS CMD...: macOS has no timeout.
limited() {
    if command -v timeout >/dev/null; then timeout "$@"; return; fi
    seconds=$1; shift
    "$@" & limited=$!
    { sleep "$seconds"; kill "$limited"; } >/dev/null 2>&1 & timer=$!
    wait "$limited" && limited=0 || limited=$?
    kill "$timer" 2>/dev/null || :               # the command has had its time
    return "$limited"
}

# ask WHAT: consent before anything is installed. No terminal and no --yes is a no.
ask() {
    [ "${YES:-}" = true ] || [ "${CI:-}" = true ] && return 0
    [ -t 0 ] || fail "$1 is missing. Run again with --yes to let bluegreen install it."
    printf 'bluegreen: %s is missing. Install it now? [Y/n] ' "$1" >&2
    read -r answer
    case $answer in ''|y|Y|yes) return 0 ;; *) fail "$1 is needed; nothing was changed." ;; esac
}

# logged FILE CMD...: long work, quiet while it goes well, its last lines when it does not.
logged() {
    log=$cache/$1.log; shift
    mkdir -p "$cache"
    "$@" >"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; fail "'$*' failed; the whole log: $log"; }
}

# own_engine: the process of the engine that setup started. It names its pid file on its command line; a process that
# does not is a stranger that has got the old number.
own_engine() {
    [ -f "$cache/dockerd.pid" ] && pid=$(cat "$cache/dockerd.pid") && [ -r "/proc/$pid/cmdline" ] || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -e "--pidfile=$cache/dockerd.pid" && echo "$pid"
}
