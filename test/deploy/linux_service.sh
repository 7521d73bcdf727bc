#!/usr/bin/env bash
# The archive as its users have it, on a Linux with systemd that may be spoilt: unpacked, started, scraped, reloaded, stopped.
set -euo pipefail
archive=$1
configuration=/etc/farmprobe/farmprobe.yaml

write_configuration() {
  printf 'farms: [{ name: %s, url: "http://localhost:9502", checks: [{ name: health, path: /-/healthy }] }]\n' "$1" |
    install -D -m 644 /dev/stdin "$configuration"
}

wait_for() {
  for _ in {1..60}; do
    curl -fs http://localhost:9502/metrics | grep -qF "$1" && return
    sleep 0.5
  done
  journalctl --no-pager -u farmprobe
  printf 'no %s in the metrics\n' "$1" >&2
  return 1
}

tar -xzf "$archive" -C /opt
write_configuration first
systemctl enable --now /opt/farmprobe/farmprobe.service
wait_for 'farmprobe_probes_total{farm="first"'

write_configuration second
systemctl reload farmprobe
wait_for 'farmprobe_probes_total{farm="second"'
test -s /var/lib/farmprobe/data/farmprobe.db

systemctl stop farmprobe
test "$(systemctl show -P ExecMainStatus farmprobe)" = 0
systemctl disable farmprobe
