#!/bin/bash
# The host's secrets from the Parameter Store into the folder DIR; nothing is touched unless all of them are there.
# Usage: secrets.sh DIR, with SITE and HOST in the environment
set -euo pipefail
umask 077
folder=$1
path=/stock-insights/$SITE/$HOST/secrets
needed=$(awk -v host="$HOST" '$1 == host { print $2 }' "$(dirname "$0")/../secrets.txt")
mkdir -p "$folder"
fresh=$(mktemp -d "$folder/.fresh.XXXXXX")
trap 'rm -rf "$fresh"' EXIT

aws ssm get-parameters-by-path --path "$path" --recursive --with-decryption \
  --query 'Parameters[].[Name, Value]' --output text |
  while IFS=$'\t' read -r name value; do
    base64 --decode <<<"$value" >"$fresh/${name##*/}"
  done

for name in $needed; do
  [ -s "$fresh/$name" ] || {
    echo "secrets: $path/$name is missing or empty: run infra/aws/upload.sh $SITE" >&2
    exit 1
  }
done

# The folder is root's alone; inside it any user of a container may read the files that are mounted for it.
chmod 0444 "$fresh"/*
mv -f "$fresh"/* "$folder"/
