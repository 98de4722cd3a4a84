#!/bin/bash
# Put each host's secrets, no other's, and the site's settings into the Parameter Store; what is unchanged stays.
# Usage: infra/aws/upload.sh SITE SECRETS SETTINGS
#   SECRETS   the folder that `python -m infra.secrets` makes, with fugle-api-key added
#   SETTINGS  a file like infra/aws/site.env.example
set -euo pipefail
[ $# -eq 3 ] || {
  sed -n '3,5s/^# //p' "$0" >&2
  exit 2
}
site=$1 secrets=$2 settings=$3
table=$(awk '/^[abc] / { print $1, $2 }' "$(dirname "$0")/secrets.txt")
limit=6144 # bytes; in base64 they are the 8 KiB that an advanced parameter holds

encoded() { # FILE
  base64 <"$1" | tr -d '\n'
}

check() { # FILE
  [ -s "$1" ] || {
    echo "$1 is missing or empty: python -m infra.secrets --out $secrets makes all but fugle-api-key" >&2
    return 1
  }
  local size
  size=$(wc -c <"$1")
  ((size <= limit)) || {
    echo "$1 has $size bytes, and a parameter has room for $limit" >&2
    return 1
  }
}

put() { # NAME TYPE VALUE
  local name=/stock-insights/$site/$1 there
  there=$(aws ssm get-parameter --name "$name" --with-decryption --query Parameter.Value --output text 2>/dev/null || true)
  if [ "$there" = "$3" ]; then
    echo "kept $name"
    return
  fi
  # From a pipe: an argument could be read in the list of processes.
  printf %s "$3" | aws ssm put-parameter --name "$name" --type "$2" --overwrite --tier Intelligent-Tiering \
    --value file:///dev/stdin >/dev/null
  echo "put $name"
}

check "$settings"
while read -r _ name; do
  check "$secrets/$name"
done <<<"$table"

for host in a b c; do
  put "$host/settings" String "$(cat "$settings")"
done
while read -r host name; do
  put "$host/secrets/$name" SecureString "$(encoded "$secrets/$name")"
done <<<"$table"
