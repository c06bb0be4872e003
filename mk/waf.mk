.PHONY: crs-test bench-waf

crs-test: configure  ## the OWASP CRS 3.3.4 regression suite over HTTP (closing line: N passed, N failed)
	@cmake --build $(BUILD) --target waf_test
	@set -o pipefail; $(BUILD)/waf_test --gtest_filter='CoreRuleSetRegression.*' --gtest_brief=1 | grep -vE '^\[|^Note'

bench-waf: configure  ## the WAF engine beside libmodsecurity
	@cmake --build $(BUILD) --target waf_bench
	@$(BUILD)/bench/waf_bench

.PHONY: waf-differential
waf-differential: configure  ## the WAF beside libmodsecurity: every transformation, operator and body parser, and 20,000 requests
	@cmake --build $(BUILD) --target waf_reference_test
	@BULWARK_DIFFERENTIAL_REQUESTS=20000 $(BUILD)/tests/reference/waf/waf_reference_test --gtest_brief=1

.PHONY: bench-waf-gateway
bench-waf-gateway:  ## the WAF through the listener: CPU a request beside nginx with libnginx-mod-http-modsecurity
	@bench/gateway/install_peers.sh libnginx-mod-http-modsecurity modsecurity-crs
	@$(MAKE) --no-print-directory configure PRESET=release
	@cmake --build build/release --target bulwark gateway_upstream_bench
	@python3 bench/gateway/waf.py --bulwark build/release/apps/bulwark/bulwark --upstream build/release/bench/gateway_upstream_bench

.PHONY: bench-waf-reload
bench-waf-reload: configure  ## whether 100 reloads of changed rules make the process grow
	@cmake --build $(BUILD) --target bulwark
	@BULWARK=$(abspath $(BUILD))/apps/bulwark/bulwark node bench/waf/reload.mjs
