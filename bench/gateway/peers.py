"""The programs under comparison, each configured the way its experts do for a plain reverse proxy on one core: keep-alive to
the upstream, one worker, no logs unless the case asks for them."""
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

GATEWAY_CPU, LOAD_CPU = "0", "1"
ROUTES = 10  # of the case "full"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, timeout=20):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0:4]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin") or program


def raise_descriptor_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


class Process:
    """A program pinned to one CPU, with the CPU time and memory of all its processes."""

    def __init__(self, command, cpu, log):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(["taskset", "-c", cpu, *command], stdout=self.log, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, preexec_fn=raise_descriptor_limit)

    def pids(self):
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        return found

    def cpu_seconds(self):
        """utime + stime of all its processes (proc(5), fields 14 and 15)."""
        ticks = 0
        for pid in self.pids():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids()) * os.sysconf("SC_PAGE_SIZE")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


class Upstream(Process):
    """The app (bench/gateway_upstream_bench.cpp): 1 KB from memory, fast enough never to be what saturates."""

    def __init__(self, program, folder):
        self.port = free_port()
        super().__init__([program, str(self.port)], LOAD_CPU, folder / "upstream.log")
        wait_for_port(self.port, self.process)


class Nginx(Process):
    name = "nginx"

    def __init__(self, folder, upstream, certificate, case):
        self.port, self.tls_port = free_port(), free_port()
        log = f"access_log {folder}/access.log combined buffer=64k flush=1s" if case == "full" else "access_log off"
        zone = "limit_req_zone $binary_remote_addr zone=clients:10m rate=1000000r/s;" if case == "full" else ""
        limit = "limit_req zone=clients burst=1000000 nodelay;" if case == "full" else ""
        prefixes = [f"/r{i}/" for i in range(1, ROUTES)] + ["/"] if case == "full" else ["/"]
        locations = "".join(f"location {p} {{ {limit} proxy_pass http://app; }}" for p in prefixes)
        config = folder / "nginx.conf"
        config.write_text(f"""
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
worker_rlimit_nofile 20000;
events {{ worker_connections 19000; multi_accept on; }}
http {{
  {log}; {zone} keepalive_requests 1000000000; keepalive_timeout 600s; tcp_nodelay on; server_tokens off;
  http2_max_concurrent_streams 128;
  upstream app {{ server 127.0.0.1:{upstream.port}; keepalive 256; keepalive_requests 1000000000; keepalive_timeout 600s; }}
  proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
  ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key};
  ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache shared:tls:10m; ssl_session_timeout 10m;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096; listen 127.0.0.1:{self.tls_port} ssl http2 backlog=4096;
    {locations}
  }}
}}""")
        super().__init__([find("nginx"), "-c", str(config), "-p", str(folder)], GATEWAY_CPU, folder / "nginx.log")
        wait_for_port(self.tls_port, self.process)


class Haproxy(Process):
    name = "haproxy"

    def __init__(self, folder, upstream, certificate, case):
        self.port, self.tls_port = free_port(), free_port()
        config = folder / "haproxy.cfg"
        config.write_text(f"""
global
  nbthread 1
  maxconn 9000
  tune.ssl.default-dh-param 2048
  ssl-default-bind-options ssl-min-ver TLSv1.2
  tune.h2.max-concurrent-streams 128
defaults
  mode http
  option http-keep-alive
  option dontlog-normal
  option forwardfor
  http-reuse always
  timeout connect 2s
  timeout client 600s
  timeout server 60s
  timeout http-keep-alive 600s
frontend edge
  bind 127.0.0.1:{self.port}
  bind 127.0.0.1:{self.tls_port} ssl crt {certificate.bundle} alpn h2,http/1.1
  http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
  default_backend app
backend app
  server app 127.0.0.1:{upstream.port} pool-max-conn 256 maxconn 4000
""")
        super().__init__([find("haproxy"), "-f", str(config), "-db"], GATEWAY_CPU, folder / "haproxy.log")
        wait_for_port(self.tls_port, self.process)


class Certificate:
    """A self-signed P-256 certificate, the same for all."""

    def __init__(self, folder):
        self.chain, self.key, self.bundle = folder / "cert.pem", folder / "key.pem", folder / "bundle.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.key, "-out", self.chain], check=True, capture_output=True)
        self.bundle.write_text(self.chain.read_text() + self.key.read_text())
