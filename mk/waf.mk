.PHONY: crs-test bench-waf

crs-test: configure  ## the OWASP CRS 3.3.4 regression suite over HTTP (closing line: N passed, N failed)
	@cmake --build $(BUILD) --target waf_test
	@set -o pipefail; $(BUILD)/waf_test --gtest_filter='CoreRuleSetRegression.*' --gtest_brief=1 | grep -vE '^\[|^Note'

bench-waf: configure  ## the WAF engine beside libmodsecurity
	@cmake --build $(BUILD) --target waf_bench
	@$(BUILD)/bench/waf_bench
