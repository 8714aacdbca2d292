# Undoes what setup made for this machine: base images, builder cache, and an engine that it started. Sourced.
engine=$(own_engine) || engine=
if limited 10 docker info >/dev/null 2>&1; then
    containers=$([ -z "$engine" ] || docker ps --quiet)      # with live-restore they would outlive it
    # shellcheck disable=SC2086  # one word a container, or an image
    [ -z "$containers" ] || docker stop $containers >/dev/null
    images=$(docker images --quiet --filter label=bluegreen.base=1 | sort -u)
    # shellcheck disable=SC2086
    [ -z "$images" ] || docker rmi --force $images >/dev/null
    docker builder prune --all --force >/dev/null 2>&1 || say "this engine has no builder cache to prune"
fi
if [ -n "$engine" ]; then
    kill "$engine"
    while own_engine >/dev/null; do sleep 0.2; done
fi
rm -f "$cache/dockerd.pid"
rm -rf "$cache/forky"
say "removed the base images, the builder cache and the engine that setup started"
