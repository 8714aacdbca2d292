# Builds $program into a folder of its own under $kept, which then is the "last" one. Sourced by the launcher in a
# subshell that catches what is said here: an unwritable disk must end the build only.
mkdir -p "$kept" || exit
exec 9>"$cache/run/lock"                         # two builds at once, of two checkouts too: JBang keeps both in one place
lock || exit

# The compiler says the same again as long as the sources are the same. Anything else is tried again at the next call.
not_compiled() {
    { echo "$id"; cat "$new/said"; } >"$kept/not-compiled.new" && mv "$kept/not-compiled.new" "$kept/not-compiled"
}

# In half the time: it and the compiler run for seconds.
jbang() { JAVA_TOOL_OPTIONS="$quick ${JAVA_TOOL_OPTIONS:-}" "$jbang" --quiet "$@"; }

# The class path with the scripts' old jars rewritten in the build's folder; where that fails, as it is.
leaner() {
    [ "$program" = "$scripts" ] &&
        "$java_home/bin/java" $quick "$here/setup/lean.java" "$new" "$kept/$id" "$1" || printf '%s' "$1"
}

# pinned CLASSPATH: each jar in it is one that setup/dependencies.txt has, by its checksum.
pinned() {
    separators=$IFS IFS=:
    # shellcheck disable=SC2086  # jars, a word each
    set -- $1
    IFS=$separators
    [ $# -gt 0 ] || return 0
    if command -v sha256sum >/dev/null; then sums=$(sha256sum "$@"); else sums=$(shasum -a 256 "$@"); fi || return
    strangers=$(printf '%s\n' "$sums" | while read -r sum file; do
        grep -q "^$sum " "$here/setup/dependencies.txt" || echo "  $sum $file"
    done)
    [ -z "$strangers" ] && return 0
    printf 'not as setup/dependencies.txt pins it:\n%s\nIf that is meant: ./bluegreen pin\n' "$strangers"
    return 1
}

build() {
    rm -rf "$kept"/new.*                         # of a build that was killed
    mkdir "$new" || return
    if ! jbang build "$program" >"$new/all" 2>&1; then
        grep -v '^Picked up JAVA_TOOL_OPTIONS' "$new/all" >"$new/said"
        cat "$new/said"
        [ "$(checksum)" = "$id" ] && grep -q 'Error during compile' "$new/said" && not_compiled
        return 1
    fi
    path=$(jbang info classpath "$program") || return
    jar=${path%%:*}
    path=${path#"$jar"} path=${path#:}
    pinned "$path" &&
    cp "$jar" "$new/program.jar" &&              # JBang's own may be gone tomorrow
    path=$(leaner "$path") &&
    printf '%s\n' "$kept/$id/program.jar${path:+:$path}" >"$new/classpath" &&
    date '+%Y-%m-%d %H:%M:%S' >"$new/built"
}

forget_old() {
    cd "$kept" && ls -td [0-9]*-[0-9]* | sed 1,3d | xargs rm -rf
    for old in [0-9]*-[0-9]*; do [ "$old" = "$id" ] || rm -f "$old"/*.aot; done            # 40 MB a script
    find "$cache/run" -type f -name last | while read -r other; do          # of checkouts that are gone
        other=${other%/last}
        [ -f "${other#"$cache/run"}" ] || rm -rf "$other"
    done
}

new=$kept/new.$$
for _ in 1 2 3; do
    if is_whole "$id"; then remember; exit; fi   # another call has built it
    if [ -f "$kept/not-compiled" ] && [ "$(head -n 1 "$kept/not-compiled")" = "$id" ]; then
        sed 1d "$kept/not-compiled"
        exit 1
    fi
    build || { rm -rf "$new"; exit 1; }
    was=$id id=$(checksum)
    [ "$id" = "$was" ] || continue               # edited meanwhile: who knows which of the two this is
    rm -rf "${kept:?}/$id" && mv "$new" "$kept/$id" && remember && forget_old
    exit
done
echo "the sources change faster than they compile"
exit 1
