# The base images that the compose files and the examples name. Pulled where that works, else built
# from Debian packages: as bluegreen/NAME, and under the official name as well, which compose files and Dockerfiles ask
# for, until that is pulled. Sourced.
BASE_IMAGES='nginx:1.30 redis:8 postgres:18 eclipse-temurin:25-jre maven:3-eclipse-temurin-25 node:24'

missing() { for image in $BASE_IMAGES; do docker image inspect "$image" >/dev/null 2>&1 || echo "$image"; done; }

for image in $(missing); do
    # One refusal is enough: a machine that cannot pull one cannot pull the others.
    limited 300 docker pull --quiet "$image" >/dev/null 2>&1 || break
done

if [ -n "$(missing)" ]; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
        fail "cannot pull: $(missing | tr '\n' ' '). Check the network, or load them with 'docker load'."
    ask "a set of base images (built from Debian packages)"
    if ! docker image inspect bluegreen/debian:forky >/dev/null 2>&1; then
        forky
        tar -C "$FORKY" -c --exclude=./var/cache/apt/archives/*.deb . | docker import --change 'LABEL bluegreen.base=1' - bluegreen/debian:forky >/dev/null
    fi
    for image in $(missing); do
        say "building bluegreen/$image from Debian packages, as $image until the official one is pulled"
        logged "image-${image%%:*}" docker build --network host --label bluegreen.base=1 --target "${image%%:*}" \
            -t "bluegreen/$image" -t "$image" "$here/setup/images"
    done
fi
