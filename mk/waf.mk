.PHONY: bench-waf

bench-waf: configure  ## the WAF engine beside libmodsecurity
	@cmake --build $(BUILD) --target waf_bench
	@$(BUILD)/bench/waf_bench
