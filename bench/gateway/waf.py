#!/usr/bin/env python3
"""CPU a request through a listener with the Core Rule Set in force: the real `bulwark serve` beside nginx with
libnginx-mod-http-modsecurity, both with the same rule files and the same modsecurity.conf, in front of the same app.

Each gateway runs alone on core 0, one worker; load generator and upstream share core 1. Rounds are interleaved; CPU a request is
utime + stime of all of a gateway's processes and threads over a round, divided by the requests answered in it; of the rounds
the median counts. Neither writes an access log, unless with --access-log: then nginx writes its buffered one, Bulwark its events.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

import peers

CONNECTIONS = 32
BARS = {"small_get": 20, "json_2k": 20}  # how many times our CPU a request nginx takes
RULES = ["/etc/modsecurity/crs/crs-setup.conf", "/usr/share/modsecurity-crs/rules/*.conf"]
MODULE = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"

# What modsecurity.conf-recommended sets, blocking, with the audit log off.
MODSECURITY_CONF = r"""
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecRequestBodyLimitAction Reject
SecPcreMatchLimit 1000
SecPcreMatchLimitRecursion 1000
SecAuditEngine Off
SecArgumentSeparator &
SecCookieFormat 0
SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQBODY_ERROR "!@eq 0" "id:200002,phase:2,t:none,log,deny,status:400,msg:'Failed to parse request body.'"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" "id:200003,phase:2,t:none,log,deny,status:400,msg:'Multipart request body failed strict validation'"
SecRule MULTIPART_UNMATCHED_BOUNDARY "@eq 1" "id:200004,phase:2,t:none,log,deny,status:400,msg:'Possible unmatched boundary'"
"""

HEADERS = {
    "Host": "shop.example",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Cookie": "session=8f14e45fceea167a5a36dedd4bea2543; theme=dark",
}


def order():
    """The 2 KB JSON of bench/waf_bench.cpp."""
    items = []
    while len(json.dumps(items)) < 1900:
        i = len(items)
        items.append({"sku": f"A-{i:04}", "title": f"Blue running shoes, size {36 + i}", "count": i % 3 + 1, "price": 49.95 + i, "gift": False})
    return json.dumps({"customer": {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946 0958"}, "items": items,
                       "note": "Please leave it at the front door."}, separators=(",", ":"))


CASES = {  # path, body
    "small_get": ("/products/17", None),
    "json_2k": ("/api/orders", order()),
}


class Bulwark(peers.Process):
    name = "bulwark"

    def __init__(self, program, folder, upstream, access_log):
        config = folder / "bulwark.yaml"
        config.write_text(json.dumps({
            "data_dir": str(folder / "data"), "listen": "127.0.0.1:0", "plaintext": True, "workers": 1, "access_events": access_log,
            "console": {"enabled": False},
            "upstreams": {"app": {"servers": [f"http://127.0.0.1:{upstream.port}"], "max_idle": 256}},
            "routes": [{"path": "/", "upstream": "app", "waf": {"mode": "enforce", "paranoia_level": 1}}],
            "waf": {"rules": [str(folder / "modsecurity.conf"), *RULES], "base_rules": False},
            "soc": {"block_loopback": False}}))
        log = folder / "bulwark.log"
        super().__init__([program, "serve", str(config)], peers.GATEWAY_CPU, log)
        self.port = self.wait_until_ready(log)

    def wait_until_ready(self, log, timeout=30):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.process.poll() is None:
            ready = re.search(r'^\{"ready".*$', log.read_text(), re.M)
            if ready:
                return int(json.loads(ready[0])["addresses"]["edge"].rsplit(":", 1)[1])
            time.sleep(0.02)
        raise RuntimeError(log.read_text())


class Nginx(peers.Process):
    name = "nginx"

    def __init__(self, folder, upstream, access_log):
        self.port = peers.free_port()
        log = f"access_log {folder}/access.log combined buffer=64k flush=1s" if access_log else "access_log off"
        (folder / "rules.conf").write_text(f"Include {folder}/modsecurity.conf\n" + "".join(f"Include {each}\n" for each in RULES))
        config = folder / "nginx.conf"
        config.write_text(f"""
load_module {MODULE};
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err crit;
events {{ worker_connections 4096; multi_accept on; }}
http {{
  {log}; keepalive_requests 1000000000; keepalive_timeout 600s; tcp_nodelay on; server_tokens off;
  client_body_buffer_size 64k; client_body_temp_path {folder}/bodies;
  upstream app {{ server 127.0.0.1:{upstream.port}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 600s; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  modsecurity on; modsecurity_rules_file {folder}/rules.conf;
  server {{ listen 127.0.0.1:{self.port} backlog=4096; location / {{ proxy_pass http://app; }} }}
}}""")
        super().__init__([peers.find("nginx"), "-c", str(config), "-p", str(folder)], peers.GATEWAY_CPU, folder / "nginx.log")
        peers.wait_for_port(self.port, self.process)


def status_of(gateway, path, body=None):
    headers = dict(HEADERS, **({"Content-Type": "application/json"} if body else {}))
    request = urllib.request.Request(f"http://127.0.0.1:{gateway.port}{path}", headers=headers, data=body.encode() if body else None)
    try:
        return urllib.request.urlopen(request, timeout=20).status
    except urllib.error.HTTPError as refused:
        return refused.code


def check(gateway):
    """The rules are in force, and what is measured passes them."""
    for path, body in CASES.values():
        if (status := status_of(gateway, path, body)) != 200:
            raise RuntimeError(f"{gateway.name} answers {path} with {status}")
    if (status := status_of(gateway, "/?id=1+UNION+SELECT+password+FROM+users--+-")) != 403:
        raise RuntimeError(f"{gateway.name} answers an attack with {status}")


def script(folder, case):
    """wrk's request of a case."""
    path, body = CASES[case]
    lines = [f'wrk.headers["{name}"] = "{value}"' for name, value in HEADERS.items()]
    if body:
        lines += ['wrk.method = "POST"', 'wrk.headers["Content-Type"] = "application/json"', f"wrk.body = {json.dumps(body)}"]
    file = folder / f"{case}.lua"
    file.write_text("\n".join(lines) + "\n")
    return file, path


def load(gateway, lua, path, seconds):
    text = subprocess.run(["taskset", "-c", peers.LOAD_CPU, peers.find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(lua),
                           f"http://127.0.0.1:{gateway.port}{path}"], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(text)
    return int(re.search(r"(\d+) requests in", text)[1])


def compare(case, gateways, folder, rounds, seconds, suffix):
    lua, path = script(folder, case)
    cost = {gateway.name: [] for gateway in gateways}
    for gateway in gateways:
        load(gateway, lua, path, 1)
    for _ in range(rounds):
        for gateway in gateways:
            before = gateway.cpu_seconds()
            answered = load(gateway, lua, path, seconds)
            cost[gateway.name].append((gateway.cpu_seconds() - before) / answered * 1e6)
    median = {name: statistics.median(values) for name, values in cost.items()}
    for name, values in cost.items():
        print(f"  {case}{suffix} {name}: {median[name]:.1f} µs CPU a request, {1e6 / median[name]:.0f} requests/s a core "
              f"({', '.join(f'{value:.1f}' for value in values)})", flush=True)
    ratio = median["nginx"] / median["bulwark"]
    bar = BARS[case]
    print(f"figure waf.gateway.{case}{suffix} {ratio:.2f} x goal >={bar} {'met' if ratio >= bar else 'short'}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bulwark", required=True, help="the program to measure")
    parser.add_argument("--upstream", required=True, help="the app behind both")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--access-log", action="store_true", help="both record every request")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bulwark-bench-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        (folder / "modsecurity.conf").write_text(MODSECURITY_CONF)
        started = []
        try:
            upstream = peers.Upstream(arguments.upstream, folder)
            started.append(upstream)
            started.append(Bulwark(arguments.bulwark, folder, upstream, arguments.access_log))
            started.append(Nginx(folder, upstream, arguments.access_log))
            for gateway in started[1:]:
                check(gateway)
            for case in CASES:
                compare(case, started[1:], folder, arguments.rounds, arguments.seconds, ".access_log" if arguments.access_log else "")
        finally:
            for each in reversed(started):
                each.stop()


if __name__ == "__main__":
    sys.exit(main())
