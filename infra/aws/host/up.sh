#!/bin/bash
# Bring this host's containers to its release, secrets and settings; done when all are healthy.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
state=${STOCK_INSIGHTS_STATE:-/etc/stock-insights}
cd "$here/../../.."
compose=(docker compose -f "docker-compose.ec2-$HOST.yml")
release=$(git rev-parse HEAD)

remembered() { # NAME VALUE
  [ "$(cat "$state/$1" 2>/dev/null)" = "$2" ]
}

# What follows from the host's place stands last, where it wins over what the site says.
settings() {
  aws ssm get-parameter --name "/stock-insights/$SITE/$HOST/settings" --query Parameter.Value --output text
  cat <<ENV
STOCK_INSIGHTS_VERSION=$release
SECRETS_DIR=$state/secrets
KAFKA_BOOTSTRAP=b.$SITE.internal:9093
KAFKA_ADVERTISED_HOST=b.$SITE.internal
ENV
}

"$here/secrets.sh" "$state/secrets"
settings >.env.half
mv .env.half .env

# Built for another release only: a reboot must not need the registries.
remembered built "$release" || "${compose[@]}" build --quiet
echo "$release" >"$state/built"

# A secret that was replaced is seen by new containers only.
secrets=$(sha256sum "$state"/secrets/* | sha256sum)
up=(up --detach --wait --wait-timeout 900 --remove-orphans)
remembered secrets.sum "$secrets" || up+=(--force-recreate)
"${compose[@]}" "${up[@]}"
echo "$secrets" >"$state/secrets.sum"
docker image prune --all --force >/dev/null
