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
