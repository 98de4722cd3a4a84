#!/bin/bash
# Once an instance: the data volume, Docker upon it, and the units that keep the host's containers up.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
volumes=/var/lib/docker/volumes
device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/}

# The instance that this one replaces gives the volume up only when it is gone.
attach() {
  local deadline=$((SECONDS + 1800)) instance
  instance=$(cat /var/lib/cloud/data/instance-id)
  until [ -e "$device" ]; do
    aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$instance" --device /dev/sdf || true
    ((SECONDS < deadline)) || {
      echo "install: $VOLUME was not to be had for 30 minutes; the last refusal stands above" >&2
      exit 1
    }
    sleep 5
  done
}

# Docker must never start beside the volume: MySQL and Kafka would begin anew on the root disk.
mount_under_docker() {
  install -d -m 711 /var/lib/docker
  install -d -m 701 "$volumes"
  grep -q " $volumes " /etc/fstab || echo "$device $volumes ext4 noatime,nofail,x-systemd.growfs 0 2" >>/etc/fstab
  install -D -m 644 "$here/docker-volumes.conf" /etc/systemd/system/docker.service.d/volumes.conf
  systemctl daemon-reload
  mountpoint -q "$volumes" || mount "$volumes"
}

attach
"$here/format.sh" "$device"
mount_under_docker
export DEBIAN_FRONTEND=noninteractive
apt-get -q install -y -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 docker.io docker-compose-v2 docker-buildx
install -m 644 "$here"/stock-insights*.service "$here"/stock-insights*.timer /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now stock-insights-report.timer
systemctl enable stock-insights.service
systemctl start --no-block stock-insights.service
