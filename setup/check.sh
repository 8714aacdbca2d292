# The form, each script by itself, and the unit tests: what a commit must pass. Sourced by the launcher.
began=$(date +%s)
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
bad=0

begin() {                 # begin NAME PROGRAM CLASS ARGS...: beside what begins next
    name=$1; shift
    {
        since=$(date +%s)
        (java_for "$@") >"$said/$name" 2>&1 && code=0 || code=$?
        echo "$code $(($(date +%s) - since))" >"$said/$name.end"
    } &
}

end() {                   # end NAME PID: its last line, and before it the others if it failed
    wait "$2"
    read -r code took <"$said/$1.end"
    mark=✓
    [ "$code" = 0 ] || { mark=✗ bad=$((bad + 1)); sed '$d' "$said/$1"; }
    printf '  %s %-8s %-48s %3d s\n' "$mark" "$1" "$(tail -n 1 "$said/$1")" "$took"
}

cd "$here"
build_beside "$here/tests/all.java"
begin format  "$here/setup/format.java" Format --check;                                format=$!
begin scripts "$here/setup/alone.java" Alone ./*.java bench/*.java setup/scripts.java; scripts=$!
end format "$format"
end scripts "$scripts"
wait "$building" || true
begin tests   "$here/tests/all.java" All --unit;                                       tests=$!     # they judge times
end tests "$tests"
took=$(($(date +%s) - began))
[ "$bad" = 0 ] || { echo "$bad of 3 failed, in $took s"; exit 1; }
echo "all good, in $took s"
