# What every setup step uses: a word to the person, on stderr because stdout may carry --json.
say()  { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'bluegreen: %s\n' "$*" >&2; exit 2; }

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
