#!/usr/bin/env python3
"""CPU a request of Bulwark, nginx and HAProxy, side by side on one machine with two cores.

Each gateway runs alone on core 0; load generator and upstream share core 1. Rounds are interleaved, so that whatever the machine
does meets all three. CPU a request is utime + stime of all of a gateway's processes over a round, divided by the requests that were
answered in it; of the rounds the median counts. Prints `figure NAME VALUE UNIT goal BAR met|short`.
"""
import argparse
import pathlib
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

import peers
from bulwark import Bulwark

CONNECTIONS, H2_CONNECTIONS, H2_STREAMS = 64, 16, 16
IDLE = 5000


def wrk(url, seconds):
    """(requests answered, p99 in ms)"""
    text = subprocess.run(["taskset", "-c", peers.LOAD_CPU, peers.find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", url],
                          check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", text).groups()
    return int(re.search(r"(\d+) requests in", text)[1]), float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def h2load(url, seconds):
    text = subprocess.run(["taskset", "-c", peers.LOAD_CPU, peers.find("h2load"), "-t1", f"-c{H2_CONNECTIONS}", f"-m{H2_STREAMS}",
                           f"-D{seconds}", url], check=True, capture_output=True, text=True).stdout
    succeeded, failed = map(int, re.search(r"(\d+) succeeded, (\d+) failed", text).groups())
    good, bad = re.search(r"(\d+) 2xx", text)[1], sum(map(int, re.search(r"2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", text).groups()))
    if bad or "Application protocol: h2" not in text:
        raise RuntimeError(text)
    return int(good), None


LOADS = {
    "h1": lambda gateway, seconds: wrk(f"http://127.0.0.1:{gateway.port}/", seconds),
    "tls": lambda gateway, seconds: wrk(f"https://127.0.0.1:{gateway.tls_port}/", seconds),
    "h2": lambda gateway, seconds: h2load(f"https://127.0.0.1:{gateway.tls_port}/", seconds),
    "full": lambda gateway, seconds: wrk(f"http://127.0.0.1:{gateway.port}/r{peers.ROUTES // 2}/orders", seconds),
}
BARS = {  # case: rival: how many times its CPU a request must be ours
    "h1": {"nginx": 1.25, "haproxy": 1.25},
    "tls": {"nginx": 1.30, "haproxy": 1.15},
    "h2": {"nginx": 1.45, "haproxy": 1.15},
    "full": {"nginx": 1.30},
}


def figure(name, value, unit, goal, met):
    print(f"figure {name} {value:.2f} {unit} goal {goal} {'met' if met else 'short'}", flush=True)


def compare(case, gateways, rounds, seconds):
    cost, latency = {g.name: [] for g in gateways}, {g.name: [] for g in gateways}
    for gateway in gateways:
        LOADS[case](gateway, 1)  # warm: connections, caches, pools
    for _ in range(rounds):
        for gateway in gateways:
            before = gateway.cpu_seconds()
            requests, p99 = LOADS[case](gateway, seconds)
            cost[gateway.name].append((gateway.cpu_seconds() - before) / requests * 1e6)
            latency[gateway.name].append(p99)
    for name, values in cost.items():
        print(f"  {case} {name}: {statistics.median(values):.2f} µs CPU a request "
              f"({', '.join(f'{v:.1f}' for v in values)})", flush=True)
    ours = statistics.median(cost["bulwark"])
    figure(f"gateway.{case}.cpu", ours, "us/request", "-", True)
    for rival, bar in BARS[case].items():
        ratio = statistics.median(cost[rival]) / ours
        figure(f"gateway.{case}.vs_{rival}", ratio, "x", f">={bar:.2f}", ratio >= bar)
    if case in ("h1", "tls"):
        p99 = {name: statistics.median(values) for name, values in latency.items()}
        better = min(p99[rival] for rival in BARS[case])
        print(f"  {case} p99 ms: {', '.join(f'{n} {v:.2f}' for n, v in p99.items())}")
        figure(f"gateway.{case}.p99", p99["bulwark"], "ms", f"<={better:.2f}", p99["bulwark"] <= better)


def open_idle(gateway, tls):
    """A connection that has answered one request and is kept."""
    connection = socket.create_connection(("127.0.0.1", gateway.tls_port if tls else gateway.port))
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        connection = context.wrap_socket(connection)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer.split(b"\r\n\r\n", 1)[1]) < 1024:
        answer += connection.recv(8192)
    return connection


def idle(gateways):
    peers.raise_descriptor_limit()
    for tls, name, bar in ((False, "h1", 1024), (True, "tls", 16 * 1024)):
        for gateway in gateways:
            # Held, so that the measured ones cannot live in memory that something else has left behind.
            warm = [open_idle(gateway, tls) for _ in range(2000)]
            before = gateway.resident_bytes()
            held = [open_idle(gateway, tls) for _ in range(IDLE)]
            each = (gateway.resident_bytes() - before) / IDLE
            print(f"  idle {name} {gateway.name}: {each:.0f} bytes a connection", flush=True)
            if gateway.name == "bulwark":
                figure(f"gateway.idle.{name}", each, "bytes/connection", f"<={bar}", each <= bar)
            for connection in warm + held:
                connection.close()
            time.sleep(0.5)  # lets it close its ends before the next measurement


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bulwark", required=True, help="the program to measure")
    parser.add_argument("--upstream", required=True, help="the app behind them")
    parser.add_argument("--case", choices=[*LOADS, "idle"], action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    arguments = parser.parse_args()
    for case in arguments.case or [*LOADS, "idle"]:
        with tempfile.TemporaryDirectory(prefix="bulwark-bench-") as name:
            folder = pathlib.Path(name)
            folder.chmod(0o755)
            started = []
            try:
                certificate = peers.Certificate(folder)
                upstream = peers.Upstream(arguments.upstream, folder)
                started.append(upstream)
                for kind in (lambda *a: Bulwark(arguments.bulwark, *a), peers.Nginx, peers.Haproxy):
                    started.append(kind(folder, upstream, certificate, case))
                gateways = started[1:]
                if case == "idle":
                    idle(gateways)
                else:
                    compare(case, gateways, arguments.rounds, arguments.seconds)
            finally:
                for each in reversed(started):
                    each.stop()


if __name__ == "__main__":
    sys.exit(main())
