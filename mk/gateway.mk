# Figures of the data plane against nginx and HAProxy; see docs/benchmarks/gateway.md.
.PHONY: bench-gateway

bench-gateway:  ## CPU a request against nginx and HAProxy, p99, memory of idle connections (CASE=h1|tls|h2|full|idle for one)
	@bench/gateway/install_peers.sh
	@$(MAKE) --no-print-directory configure PRESET=release
	@cmake --build build/release --target gateway_serve_bench gateway_upstream_bench
	@python3 bench/gateway/run.py --bulwark build/release/bench/gateway_serve_bench \
	  --upstream build/release/bench/gateway_upstream_bench $(if $(CASE),--case $(CASE))
