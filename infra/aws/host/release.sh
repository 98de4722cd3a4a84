#!/bin/bash
# Check out the release that the host's parameter names. A release never moves, so one that is here is not fetched again.
set -euo pipefail
cd "${STOCK_INSIGHTS_ROOT:-/opt/stock-insights}"

release=$(aws ssm get-parameter --name "/stock-insights/$SITE/$HOST/release" --query Parameter.Value --output text)
git rev-parse --quiet --verify "$release^{commit}" >/dev/null || git fetch --quiet --tags origin
git checkout --quiet --force --detach "$release"
echo "release: $release ($(git rev-parse --short HEAD))"
