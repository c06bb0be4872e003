"""Bulwark under measurement: the data plane composed by bench/gateway_serve_bench.cpp."""
from peers import GATEWAY_CPU, Process, free_port, wait_for_port


class Bulwark(Process):
    name = "bulwark"

    def __init__(self, program, folder, upstream, certificate, case):
        self.port, self.tls_port = free_port(), free_port()
        command = [program, "--upstream", f"127.0.0.1:{upstream.port}", "--plain", str(self.port), "--tls", str(self.tls_port),
                   "--certificate", str(certificate.chain), "--key", str(certificate.key)]
        if case == "full":
            command += ["--full", str(folder / "spool")]
        super().__init__(command, GATEWAY_CPU, folder / "bulwark.log")
        wait_for_port(self.tls_port, self.process)
