#!/bin/bash
# Make a filesystem on DEVICE if blkid knows it to be empty (2); in doubt (8) or after an error it stays as it is.
# Usage: format.sh DEVICE
set -euo pipefail
found=0
blkid --probe "$1" >/dev/null || found=$?
case $found in
  0) ;;
  2) mkfs.ext4 -q -L stock-insights "$1" ;;
  *)
    echo "format: blkid cannot tell what is on $1 ($found); look at it before anything writes there" >&2
    exit 1
    ;;
esac
