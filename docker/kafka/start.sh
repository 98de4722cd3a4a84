#!/bin/bash
# Formats the volume the first time, with the administrator's login in it, then becomes the broker.
set -euo pipefail
properties=/etc/stock-insights/server.properties
if [[ ! -e /var/lib/kafka/data/meta.properties ]]; then
  # The password goes by a file: arguments can be read by everyone on the host.
  umask 077
  printf '%s\n' --cluster-id c3RvY2staW5zaWdodHMtLQ --config "$properties" \
    --add-scram "SCRAM-SHA-512=[name=admin,password=$(</run/secrets/kafka-admin-password)]" >/tmp/format
  # What it prints when all is well has the login's hashes in it.
  /opt/kafka/bin/kafka-storage.sh format @/tmp/format >/tmp/format.log 2>&1 || { cat /tmp/format.log >&2; exit 1; }
  rm /tmp/format /tmp/format.log
  umask 022
fi
exec /opt/kafka/bin/kafka-server-start.sh "$properties"
