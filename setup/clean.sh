# Undoes what setup made for this machine: base images, builder cache, and an engine that it started. Sourced.
if timeout 10 docker info >/dev/null 2>&1; then
    images=$(docker images --quiet --filter label=bluegreen.base=1 | sort -u)
    # shellcheck disable=SC2086  # one word an image
    [ -z "$images" ] || docker rmi --force $images >/dev/null
    docker builder prune --all --force >/dev/null 2>&1 || say "this engine has no builder cache to prune"
fi
if [ -f "$cache/dockerd.pid" ]; then
    pid=$(cat "$cache/dockerd.pid")
    kill "$pid" 2>/dev/null && while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
    rm -f "$cache/dockerd.pid"
fi
rm -rf "$cache/forky"
say "removed the base images, the builder cache and the engine that setup started"
