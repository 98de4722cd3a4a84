#!/bin/bash
# How full the fullest disk is, and how many containers are neither well nor done; none at all counts as one.
set -euo pipefail

disk=$(df --output=pcent / /var/lib/docker/volumes | tr -dc '0-9\n' | sort -n | tail -n 1)
unwell=$(docker ps --all --format '{{.Status}}' | awk '
  /unhealthy|Paused|^Restarting|^Dead|^Created/ { unwell++ }
  /^Exited/ && !/^Exited \(0\)/ { unwell++ }
  END { print NR ? unwell + 0 : 1 }')

report() { # NAME VALUE UNIT
  aws cloudwatch put-metric-data --namespace StockInsights --dimensions "Host=$SITE-$HOST" \
    --metric-name "$1" --value "$2" --unit "$3"
}
report DiskUsedPercent "$disk" Percent
report UnwellContainers "$unwell" Count
