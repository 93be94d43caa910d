#!/usr/bin/env bash
# Boots systemd in a copy of this machine that forgets everything: run by machine.py under `unshare -m`.
#   inside.sh PLACE NAME    PLACE/files is laid over the copy, PLACE/project is installed into /opt/refundtracker
set -euo pipefail
place=$1 name=$2
mount --make-rprivate /

# All writes go to memory; what lies below is this machine's own root.
mount -t tmpfs -o mode=0755 refunds "$place/memory"
mkdir "$place/memory/upper" "$place/memory/work" "$place/memory/root"
root=$place/memory/root
mount -t overlay -o "lowerdir=/,upperdir=$place/memory/upper,workdir=$place/memory/work" refunds "$root"

# None of this machine's own services, and no state of an earlier run.
rm -rf "$root"/etc/systemd/system "$root"/etc/systemd/user "$root"/opt/refundtracker "$root"/etc/refundtracker \
  "$root"/var/lib/refundtracker "$root"/var/lib/private "$root"/var/log/journal "$root"/etc/machine-id
cp -a "$place/files/." "$root/"
cp -a "$place/project" "$root/srv/refundtracker"

# The guide's own words: a Python that the service can see, and pip.
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
chroot "$root" /usr/bin/python3 -m venv /opt/refundtracker
chroot "$root" /opt/refundtracker/bin/pip --quiet install /srv/refundtracker
umount "$root/proc" "$root/dev"
rm -rf "$root"/srv/refundtracker

# A view of control groups of version 2 alone, whatever this machine mounts.
mount -t cgroup2 refunds /sys/fs/cgroup
mkdir "/sys/fs/cgroup/$name"
echo $$ > "/sys/fs/cgroup/$name/cgroup.procs"
export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
exec systemd-nspawn --directory="$root" --machine="$name" --register=no --keep-unit --console=pipe --boot \
  systemd.unit=basic.target systemd.log_target=journal systemd.show_status=0
